import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";

// Every module this process and its children load, a line each.
registerHooks({
  load(url, context, next) {
    appendFileSync(process.env.LOG_LOADS, `${url}\n`);
    return next(url, context);
  },
});
