import { AsyncResource } from "node:async_hooks";
import { escapeHtml } from "../../lib/text/html";
import { Widget } from "./widget";

/** How a {@link Button} looks when it is made. */
export interface ButtonOptions {
  readonly description?: string;
  readonly disabled?: boolean;
  readonly buttonStyle?: ButtonStyle;
  readonly tooltip?: string;
}

/** The colour of a button. */
export type ButtonStyle = "" | "primary" | "success" | "info" | "warning" | "danger";

const styles: readonly ButtonStyle[] = ["", "primary", "success", "info", "warning", "danger"];

/**
 * A button that runs code when it is clicked, also while another cell waits. Clicks need a front end with Jupyter's
 * widgets (`pip install jupyterlab_widgets`); elsewhere the button is only shown, and `click()` does the same.
 *
 * @example
 * const stop = new Button({ description: "Stop" });
 * stop.onClick(() => { console.log("stopped"); });
 * stop                                  // shows it
 */
export class Button extends Widget {
  readonly #handlers = new Set<() => Promise<void>>();

  /**
   * Makes a button; as the last expression of a cell, or by `display`, it is shown.
   *
   * @throws {RangeError} an unknown style
   */
  constructor({ description = "", disabled = false, buttonStyle = "", tooltip }: ButtonOptions = {}) {
    super(
      { model: "ButtonModel", view: "ButtonView" },
      "ButtonStyleModel",
      {
        description: String(description),
        disabled: disabled === true,
        button_style: known(buttonStyle),
        icon: "",
        tooltip: tooltip ?? null,
      },
      ({ event }) => {
        if (event === "click") this.click();
      },
    );
  }

  /**
   * Runs `handler` at each click. What it prints and shows, and the error if it fails, goes to the cell that called
   * `onClick`.
   *
   * @returns a function that takes the handler away again
   */
  onClick(handler: (button: Button) => unknown): () => void {
    // Bound to the cell; an error is left for the kernel to show as one that nobody caught.
    const run = AsyncResource.bind(async () => {
      await handler(this);
    });
    this.#handlers.add(run);
    return () => {
      this.#handlers.delete(run);
    };
  }

  /** Does what a click does. A disabled button does nothing. */
  click(): void {
    if (this.disabled) return;
    for (const run of [...this.#handlers]) void run();
  }

  /** The text on the button. */
  get description(): string {
    return this.get("description") as string;
  }

  set description(description: string) {
    this.set("description", String(description));
  }

  /** Whether it cannot be clicked now. */
  get disabled(): boolean {
    return this.get("disabled") as boolean;
  }

  set disabled(disabled: boolean) {
    this.set("disabled", disabled === true);
  }

  /** The colour of the button, by its meaning. */
  get buttonStyle(): ButtonStyle {
    return this.get("button_style") as ButtonStyle;
  }

  set buttonStyle(buttonStyle: ButtonStyle) {
    this.set("button_style", known(buttonStyle));
  }

  protected override fallback(): { text: string; html: string } {
    const { description } = this;
    const title = "Clicks need a front end with Jupyter's widgets";
    return {
      text: `[ ${description} ]`,
      html: `<button disabled title="${escapeHtml(title)}">${escapeHtml(description)}</button>`,
    };
  }
}

function known(style: ButtonStyle): ButtonStyle {
  if (!styles.includes(style))
    throw new RangeError(`buttonStyle must be one of ${styles.map((name) => JSON.stringify(name))}`);
  return style;
}
