import { AsyncResource } from "node:async_hooks";
import { inspect } from "node:util";
import { escapeHtml } from "../../lib/text/html";
import { Widget } from "./widget";

/** The initial state of a {@link Button}. */
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
 * widgets (`pip install jupyterlab_widgets`). Elsewhere the button is only shown: call `click()` instead.
 *
 * @example
 * const stop = new Button({ description: "Stop" });
 * stop.onClick(() => { console.log("stopped"); });
 * stop                                  // shows it
 */
export class Button extends Widget {
  readonly #handlers = new Set<() => Promise<void>>();

  /**
   * Create a button. Show it as the last expression of a cell, or by `display`.
   *
   * @throws {RangeError} an unknown style
   */
  constructor({ description = "", disabled = false, buttonStyle = "", tooltip }: ButtonOptions = {}) {
    super(
      { model: "ButtonModel", view: "ButtonView" },
      {
        description: String(description),
        disabled: disabled === true,
        button_style: known(buttonStyle),
        icon: "",
        tooltip: tooltip ?? null,
      },
      {
        style: "ButtonStyleModel",
        custom: ({ event }) => {
          // Not on the stack of the kernel's own reader: an interrupt of the handler would end it too.
          if (event === "click" && !this.disabled) setTimeout(() => this.#run());
        },
      },
    );
  }

  /**
   * Run `handler` at each click. Its output, and its error if it fails, appear in the cell that called `onClick`.
   *
   * @returns a function that removes the handler
   */
  onClick(handler: (button: Button) => unknown): () => void {
    // Bind the handler to the cell. The kernel shows its errors as uncaught ones.
    const run = AsyncResource.bind(async () => {
      await handler(this);
    });
    this.#handlers.add(run);
    return () => {
      this.#handlers.delete(run);
    };
  }

  /** Do the same as a click. A disabled button does nothing. */
  click(): void {
    if (!this.disabled) this.#run();
  }

  #run(): void {
    for (const run of [...this.#handlers]) void run();
  }

  /** The text on the button. */
  get description(): string {
    return this.get("description") as string;
  }

  set description(description: string) {
    this.set("description", String(description));
  }

  /** Whether the button is disabled. */
  get disabled(): boolean {
    return this.get("disabled") as boolean;
  }

  set disabled(disabled: boolean) {
    this.set("disabled", disabled === true);
  }

  /** The colour of the button, named by its meaning. */
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
    throw new RangeError(
      `buttonStyle must be one of ${styles.map((name) => JSON.stringify(name)).join(", ")}, got ${inspect(style)}`,
    );
  return style;
}
