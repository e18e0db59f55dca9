import "asciinema-player/dist/bundle/asciinema-player.css";
import "./style.css";
import { render } from "preact";
import type { SiteIndex } from "../site/site-data.ts";
import { App } from "./app.tsx";
import { Matrix } from "./matrix.ts";
import { openPieces } from "./pieces.ts";

const index = JSON.parse(document.getElementById("matrix")!.textContent) as SiteIndex;
openPieces(index.data);
render(<App matrix={new Matrix(index)} />, document.getElementById("app")!);
