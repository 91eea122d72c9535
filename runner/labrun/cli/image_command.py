"""``labrun image``."""

import click

from labrun.cli.options import as_json
from labrun.cli.settings import read_settings
from labrun.cli.show import show_json, table
from labrun.sandbox import images


@click.group("image")
def command() -> None:
    """Build and list the sandbox images."""


@command.command("build")
@click.argument("names", nargs=-1, metavar="[IMAGE…]")
def build_command(names: tuple[str, ...]) -> None:
    """Build images from wheels the host downloads; the build itself has no network.

    Every image of the containers folder is built unless some are named.
    """
    settings = read_settings()
    for name in names or images.known(settings.containers):
        images.build(
            name,
            containers=settings.containers,
            cache=settings.cache,
            engine=settings.engine,
            say=lambda text: click.echo(text, err=True),
        )


@command.command("list")
@as_json
def list_command(*, as_json: bool) -> None:
    """List the images this engine has, and whether they fit this version of labrun."""
    found = images.list_images(engine=read_settings().engine)
    if as_json:
        show_json([image.model_dump(mode="json") for image in found])
        return
    click.echo(table(["IMAGE", "DIGEST", "SIZE", "BUILT"], [_cells(image) for image in found]))


def _cells(image: images.ImageInfo) -> list[str]:
    return [image.name, image.digest[:19], f"{image.size / 1e6:.0f} MB", str(image.created)[:16]]
