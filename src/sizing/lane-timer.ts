import type { RefusingLanes } from './refusing-lanes.ts';

/** The timer of servers that go side by side (engine/timer.ts): they were started in the same moment. */
export class LaneTimer {
  private readonly lanes: RefusingLanes;
  private readonly periodMs: number;
  /** Whether there is anything that expires. */
  private readonly expires: boolean;
  private nextTickMs: number;

  constructor(
    lanes: RefusingLanes,
    options: { periodMs: number; firstTickMs: number; expires: boolean },
  ) {
    this.lanes = lanes;
    this.periodMs = options.periodMs;
    this.nextTickMs = options.firstTickMs;
    this.expires = options.expires;
  }

  /** Requests arrive. */
  wake(nowMs: number): void {
    while (this.nextTickMs + this.periodMs <= nowMs) {
      this.tick(this.nextTickMs);
      this.nextTickMs += this.periodMs;
      if (this.hasWork()) continue;
      const idleTicks = Math.floor((nowMs - this.nextTickMs) / this.periodMs);
      if (idleTicks > 0) this.nextTickMs += idleTicks * this.periodMs;
    }
    this.lanes.nowMs = nowMs;
  }

  /** The server has answered all that had arrived, and looks at the clock. */
  endOfEvents(): void {
    const { nowMs } = this.lanes;
    if (nowMs < this.nextTickMs) return;
    this.tick(nowMs);
    this.nextTickMs = nowMs + this.periodMs;
  }

  private hasWork(): boolean {
    const { residents, replies, count } = this.lanes;
    for (let lane = 0; lane < count; lane++) if (residents.volatileKeys(lane) > 0) return true;
    return replies.areShrinking;
  }

  private tick(atMs: number): void {
    const { lanes, expires } = this;
    const { cycles, replies } = lanes;
    const nowMs = Math.floor(atMs);
    lanes.nowMs = nowMs;
    if (expires) cycles.advanceTo(nowMs);
    replies.tick(nowMs);
    for (let lane = 0; lane < lanes.count; lane++) {
      const isOfOtherSize = replies.resize(lane, nowMs);
      if (expires) cycles.tick(lane, nowMs);
      if (isOfOtherSize) lanes.lookAtRoom(lane);
    }
  }
}
