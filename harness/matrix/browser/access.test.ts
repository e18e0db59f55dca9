import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import path from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { temporaryFolderOfFile } from "../../model/testdata/temporary.ts";
import { writeSampleRuns } from "../fixtures/sample-runs.ts";
import { writeSampleStory } from "../fixtures/sample-story.ts";
import { publishMatrix } from "../publish.ts";
import { failing, inBrowser } from "./open-site.ts";
import { faintText, nameless } from "./seen-by-all.ts";

describe("a site everywhere and for everybody", { timeout: 120_000 }, () => {
  const { open, context } = inBrowser();
  const folder = temporaryFolderOfFile();
  const sites = { runs: "", story: "" };
  beforeAll(async () => {
    sites.runs = (await publishMatrix(await writeSampleRuns(path.join(folder, "runs")), path.join(folder, "runs", "site"))).html;
    sites.story = (
      await publishMatrix([await writeSampleStory(path.join(folder, "story", "one"))], path.join(folder, "story", "site"))
    ).html;
  }, 120_000);

  test("fits a phone: no page scrolls sideways, and what is touched is large enough", async () => {
    const phone = { viewport: { width: 390, height: 844 }, hasTouch: true };
    for (const [site, hash] of [
      [sites.runs, ""],
      [sites.runs, "#page=compare"],
      [sites.runs, "#page=trends"],
      [sites.runs, "#page=runs"],
      [sites.story, ""],
    ] as const) {
      const { page } = await open(site, hash, phone);
      if (site === sites.story) {
        await failing(page).click();
        await page.locator(".pcrs").waitFor();
      }
      await page.locator("h2:visible").first().waitFor();
      expect(await page.evaluate("document.documentElement.scrollWidth"), `${site}${hash}`).toBe(390);
      const small = await page
        .locator(".chip:visible, .button:visible, .cell:visible")
        .evaluateAll((all) => all.filter((one) => one.getBoundingClientRect().height < 24).map((one) => one.outerHTML));
      expect(small).toEqual([]);
    }
  });

  test("prints the whole grid, dark or light", async () => {
    const { page } = await open(sites.runs, "", { colorScheme: "dark" });
    await page.emulateMedia({ media: "print" });
    expect(await page.evaluate("getComputedStyle(document.body.parentElement).backgroundColor")).toBe("rgb(255, 255, 255)");
    expect(await page.locator(".grid").evaluate((grid) => grid.scrollHeight - grid.clientHeight)).toBe(0);
    expect(await page.locator(".filters").isVisible()).toBe(false);
  });

  test.each(["light", "dark"] as const)(
    "text stands out in %s, everything that can be used has a name, no symbol stands alone",
    async (colorScheme) => {
      for (const [site, hash, click] of [
        [sites.runs, "", ""],
        [sites.runs, "#page=compare", ""],
        [sites.runs, "#page=trends", ""],
        [sites.story, "", ".cell.fail"],
      ] as const) {
        const { page } = await open(site, hash, { colorScheme });
        if (click) await page.locator(click).first().click();
        await page.locator("h2:visible").first().waitFor();
        if (click) await page.locator(".pcrs").waitFor();
        expect(await page.evaluate(faintText), `${site}${hash}`).toEqual([]);
        expect(await page.evaluate(nameless), `${site}${hash}`).toEqual([]);
        expect(await page.evaluate("document.documentElement.lang")).toBe("en");
        expect(await page.locator("main:visible").count()).toBe(1);
        expect(await page.locator("h1:visible").count()).toBe(1);
      }
      // An outcome is a word or has one for who cannot see it.
      const { page } = await open(sites.runs, "", { colorScheme });
      expect(await page.locator(".cell.fail").first().getAttribute("aria-label")).toMatch(/^fail/);
      expect(await page.locator(".cell.pass .symbol").first().textContent()).toBe("✓");
    },
  );

  test("from a web server it is the same, and asks for nothing but its own files", async () => {
    const root = path.dirname(sites.story);
    const served: string[] = [];
    const server = createServer((request, response) => {
      served.push(request.url!);
      readFile(path.join(root, decodeURIComponent(request.url!))).then(
        (bytes) => response.setHeader("content-type", request.url!.endsWith(".js") ? "text/javascript" : "text/html").end(bytes),
        () => response.writeHead(404).end(),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const page = await (await context({})).newPage();
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    const { port } = server.address() as { port: number };
    await page.goto(`http://127.0.0.1:${port}/index.html`);
    await failing(page).click();
    await page.locator(".ap-player").waitFor();
    await page.locator(".pcrs").waitFor();
    expect(asked.filter((url) => !url.startsWith(`http://127.0.0.1:${port}/`) && !/^(?:data|blob):/.test(url))).toEqual([]);
    expect(served.every((url) => url === "/index.html" || /^\/data\/[0-9a-f]{16}\/[a-z]+-?[0-9a-f]*\.js$/.test(url))).toBe(true);
  });

  test("the page could not reach a network if it tried", async () => {
    const { page } = await open(sites.runs);
    const refused = await page.evaluate(`new Promise((done) => {
      const seen = [];
      addEventListener("securitypolicyviolation", ({ violatedDirective }) => {
        seen.push(violatedDirective);
        if (seen.length === 4) done(seen.sort());
      });
      setTimeout(() => done(seen.sort()), 10_000);
      fetch("http://127.0.0.1:9/").catch(() => {});
      new Image().src = "http://127.0.0.1:9/x.png";
      document.head.append(Object.assign(document.createElement("script"), { src: "http://127.0.0.1:9/x.js" }));
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: "http://127.0.0.1:9/x.css" }));
    })`);
    expect(refused).toEqual(["connect-src", "img-src", "script-src-elem", "style-src-elem"]);
  });
});
