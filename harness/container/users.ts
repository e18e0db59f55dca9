import { randomInt } from "node:crypto";

/** Users that systemd keeps for containers, by number. Source: systemd, docs/UIDS-GIDS.md. */
const [from, to] = [0x00080000, 0x6fff0000];
/** How many a container has. */
export const usersEach = 0x10000;

/** The first of so many users nobody else has. */
export function someUsers(): number {
  return from + usersEach * randomInt((to - from) / usersEach + 1);
}
