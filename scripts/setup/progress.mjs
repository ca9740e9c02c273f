// Print one line for each step. In a terminal, show a spinner and the elapsed seconds. In a log, print a line when the step
// starts, one when it ends, and one every ten seconds in between.

const live = process.stderr.isTTY && !process.env.CI;
const say = (text) => process.stderr.write(text);
const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";

/** Show `title` while `body` runs, then how long it took. */
export async function progress(title, body) {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1000;
  let frame = 0;
  const spin = () => say(`\r\x1b[K${frames[frame++ % frames.length]} ${title} ${seconds().toFixed(0)} s`);
  const plain = () => say(`… ${title}, ${seconds().toFixed(0)} s so far\n`);
  if (live) spin();
  else say(`… ${title}\n`);
  const timer = live ? setInterval(spin, 100) : setInterval(plain, 10_000);
  const end = (mark) => {
    clearInterval(timer);
    say(`${live ? "\r\x1b[K" : ""}${mark} ${title} ${seconds().toFixed(1)} s\n`);
  };
  try {
    await body();
    end("✓");
  } catch (error) {
    end("✗");
    throw error;
  }
}

/** Says a line of its own while a step is at work. */
export function note(text) {
  say(`${live ? "\r\x1b[K" : ""}${text}\n`);
}
