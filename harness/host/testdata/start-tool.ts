import type { ToolsPlace } from "../../model/context.ts";
import { runTool, spawnTool } from "../tools.ts";

/** Starts a tool the way asked for, lets it hold this process's stdout, says so on stderr, and waits to be killed. */
const [tools, how, ...argv] = process.argv.slice(2) as [string, string, ...string[]];
const place = JSON.parse(tools) as ToolsPlace;
// Only the tool may hold the pipe when this process is gone.
if (how === "tree") void runTool(place, argv, { tree: true, onLine: (line) => console.error(line) });
else spawnTool(place, argv, { stdout: "inherit", stderr: "inherit" });
