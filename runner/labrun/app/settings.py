"""Where labrun finds and keeps things; read once from the environment by the command line."""

import json
from pathlib import Path

from pydantic import SecretStr

from labrun.domain.mode import Mode
from labrun.domain.record import Record


class Settings(Record):
    """Every choice that does not come from a lab.

    ``release_seconds``: an exam's results are told only at multiples of it after they were handed
    in. ``pool_size``: how many warm containers may wait; none if 0. See `labrun.sandbox.pool`.
    """

    home: Path
    labs: Path
    datasets: Path
    containers: Path
    learner: str
    sandbox: str = "docker"
    mode: Mode = Mode.PRACTICE
    release_seconds: float = 60
    engine: str | None = None
    transport: str = "auto"
    runtime: str | None = None
    pool_size: int = 0
    pool_memory_mb: int = 2048
    pool_idle_seconds: float = 900
    pool_eager: bool = False
    tracking_uri: str | None = None
    ui_url: str = "http://127.0.0.1:5000"
    lab_key: SecretStr | None = None
    lab_key_file: Path | None = None

    @property
    def exams(self) -> Path:
        """Return the folder of tracks and blueprints; it need not be there."""
        return self.labs.parent / "exams"

    @property
    def ledger(self) -> Path:
        """Return the ledger's file."""
        return self.home / "ledger.db"

    @property
    def evidence(self) -> Path:
        """Return the folder of evidence."""
        return self.home / "evidence"

    @property
    def data(self) -> Path:
        """Return the folder of prepared data sets; hidden tables are in it."""
        return self.home / "data"

    @property
    def opened(self) -> Path:
        """Return the folder of sealed labs that were opened; whole labs are in it."""
        return self.home / "opened"

    @property
    def cache(self) -> Path:
        """Return the folder of what can be made again: wheels, base images."""
        return self.home / "cache"

    def with_secrets(self) -> str:
        """Return the settings as JSON, secrets in plain: for the pipe to a process of our own."""
        plain = self.model_dump(mode="json")
        if self.lab_key:
            plain["lab_key"] = self.lab_key.get_secret_value()
        return json.dumps(plain)

    @property
    def mlflow_uri(self) -> str:
        """Return the tracking server to record in."""
        return self.tracking_uri or f"sqlite:///{self.home / 'mlflow.db'}"

    @property
    def mlflow_artifacts(self) -> Path:
        """Return the folder of MLflow's artifacts, where the store is our own."""
        return self.home / "mlartifacts"
