type Waiting = { readonly resolve: (text: string) => void; readonly reject: (why: Error) => void };

let folder = "";
const waiting = new Map<string, Waiting>();
const given = new Map<string, Promise<string>>();

/** What every piece calls: its name, its text, and whether the text is packed (gzip in base64). */
declare global {
  interface Window {
    osbench: (name: string, text: string, packed?: 1) => void;
  }
}

/** Says where the pieces are, and listens for them. */
export function openPieces(data: string): void {
  folder = data;
  window.osbench = (name, text, packed) => {
    const one = waiting.get(name);
    waiting.delete(name);
    if (!packed) one?.resolve(text);
    else unpack(text).then(one?.resolve, one?.reject);
  };
}

/** Loads a piece as text. Rejects with a sentence for people when the file is missing or damaged. */
export function textPiece(name: string): Promise<string> {
  const known = given.get(name);
  if (known) return known;
  const file = `${folder}/${name}.js`;
  const loaded = new Promise<string>((resolve, reject) => {
    waiting.set(name, { resolve, reject });
    const script = document.createElement("script");
    script.src = file;
    script.addEventListener("error", () => {
      waiting.delete(name);
      reject(new Error(`${file} is not there: the published folder is not whole, or was published anew since this page was opened`));
    });
    script.addEventListener("load", () => {
      script.remove();
      // It ran and did not hand over what it is named for.
      if (waiting.delete(name)) reject(new Error(`${file} is damaged`));
    });
    document.head.append(script);
  });
  given.set(name, loaded);
  // What failed may be there the next time.
  loaded.catch(() => given.delete(name));
  return loaded;
}

/** Loads a piece as JSON. Rejects like `textPiece`. */
export async function jsonPiece<T>(name: string): Promise<T> {
  const text = await textPiece(name);
  try {
    return JSON.parse(text) as T;
  } catch {
    throw new Error(`${folder}/${name}.js is damaged`);
  }
}

async function unpack(packed: string): Promise<string> {
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}
