import { SingleBar } from 'cli-progress';

/** A bar with the time left, on stderr. */
export interface Progress {
  advance(): void;
  stop(): void;
}

const NONE: Progress = { advance: () => undefined, stop: () => undefined };

/** Shows `total` steps of work; nothing when not wanted or when stderr is no terminal. */
export function showProgress(total: number, what: string, wanted: boolean): Progress {
  if (!wanted || !process.stderr.isTTY) return NONE;
  const bar = new SingleBar({
    format: ` {bar} {value}/{total} ${what} | {duration_formatted} | {eta_formatted} left`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    // The interrupt is ours: what is finished must be written.
    gracefulExit: false,
    stream: process.stderr,
  });
  bar.start(total, 0);
  return {
    advance: () => {
      bar.increment();
    },
    stop: () => {
      bar.stop();
    },
  };
}
