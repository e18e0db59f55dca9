import type { Verb } from "../verb.ts";
import { boot } from "./boot.ts";
import { check } from "./check.ts";
import { compare } from "./compare.ts";
import { console } from "./console.ts";
import { fault } from "./fault.ts";
import { menu } from "./menu.ts";
import { pcr } from "./pcr.ts";
import { moment } from "./moment.ts";
import { power } from "./power.ts";
import { reboot } from "./reboot.ts";
import { remember } from "./remember.ts";
import { rollback } from "./rollback.ts";
import { run } from "./run.ts";
import { screen } from "./screen.ts";
import { sysext } from "./sysext.ts";
import { update } from "./update.ts";

/** Every verb a step may start with, by its word. A file in this folder that is missing here fails a test. */
export const verbs: Readonly<Record<string, Verb>> = Object.fromEntries(
  [boot, check, compare, console, fault, menu, moment, pcr, power, reboot, remember, rollback, run, screen, sysext, update].map((verb) => [
    verb.name,
    verb as Verb,
  ]),
);
