import type { ToolsPlace } from "../../model/context.ts";
import { runTool, spawnTool } from "../tools.ts";

/** Starts a tool the way asked for, and waits to be killed. */
const [tools, how, ...argv] = process.argv.slice(2) as [string, string, ...string[]];
const place = JSON.parse(tools) as ToolsPlace;
if (how === "tree") void runTool(place, argv, { tree: true });
else spawnTool(place, argv, {});
