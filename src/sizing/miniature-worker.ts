import { runMiniature, type Miniature, type MiniatureCounts } from './run-miniature.ts';

/** What a worker thread runs: one miniature at a time. */
export default function miniatureWorker(miniature: Miniature): MiniatureCounts {
  return runMiniature(miniature);
}
