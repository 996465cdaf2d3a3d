import type { Scheme } from "./colors.ts";

const KEY = "regroup-scheme";

/** Told to every theme of the page when the reader chooses. */
const CHOSEN = "regroup-scheme-chosen";

/** The scheme in use: the reader's choice on this page, or the system's. */
export class Theme {
  readonly #system = matchMedia("(prefers-color-scheme: dark)");
  #chosen: Scheme | null = remembered();

  constructor(changed: () => void) {
    this.#apply();
    this.#system.addEventListener("change", () => {
      this.#apply();
      changed();
    });
    this.toggle = () => {
      const scheme = this.scheme === "dark" ? "light" : "dark";
      remember(scheme);
      dispatchEvent(new CustomEvent<Scheme>(CHOSEN, { detail: scheme }));
    };
    addEventListener(CHOSEN, (event) => {
      this.#chosen = (event as CustomEvent<Scheme>).detail;
      this.#apply();
      changed();
    });
  }

  readonly toggle: () => void;

  get scheme(): Scheme {
    return this.#chosen ?? (this.#system.matches ? "dark" : "light");
  }

  #apply(): void {
    document.documentElement.dataset.scheme = this.scheme;
  }
}

/** Storage may be forbidden; then every page begins with the system's scheme. */
function remembered(): Scheme | null {
  try {
    const kept = localStorage.getItem(KEY);
    return kept === "dark" || kept === "light" ? kept : null;
  } catch {
    return null;
  }
}

function remember(scheme: Scheme): void {
  try {
    localStorage.setItem(KEY, scheme);
  } catch {
    // Only for this visit, then.
  }
}
