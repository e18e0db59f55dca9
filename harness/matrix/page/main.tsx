import "asciinema-player/dist/bundle/asciinema-player.css";
import "./style.css";
import { render } from "preact";
import type { PageData } from "../render-page.ts";
import { App } from "./app.tsx";

const data = JSON.parse(document.getElementById("matrix")!.textContent) as PageData;
render(<App {...data} />, document.getElementById("app")!);
