import { Random } from '../random.ts';
import { SET } from '../trace/operations.ts';
import { ANY_OPERATION, flashCrowdDetour, scanDetour, type Detour } from './detours.ts';
import { popularityNamed } from './distributions/registry.ts';
import type { PopularitySampler } from './distributions/popularity.ts';
import { Pace, rowWindow, type RowWindow } from './pace.ts';
import { Permutation } from './permutation.ts';
import type { GrowthPhase, PhaseSpec } from './phases.ts';
import type { GroupSpec } from './spec.ts';

const MAX_REDRAWS = 1000;

/**
 * Which key is asked for next, for one group. A request goes through: growth (is a new key due?) → detours (scan, flash
 * crowd) → or popularity: rank → shift → scatter → *slot* (a key's place in the group, redrawn if it is not born yet) →
 * churn (the slot's present key) → id. Ids: first the slots, then the keys churn brings, then the scans' own keys.
 */
export class KeyStream {
  readonly firstId: number;
  /** How many ids the group has; all are below firstId + idCount. */
  readonly idCount: number;
  /** The operation of the last key, when it is not for the mix to decide. */
  operation = ANY_OPERATION;

  private readonly random: Random;
  private readonly detourRandom: Random;
  private readonly sampler: PopularitySampler;
  private readonly scatter: Permutation | undefined;
  private readonly slots: number;
  private readonly births: readonly Pace[];
  private readonly shifts: readonly { pace: Pace; ranks: number }[];
  private readonly churns: readonly Pace[];
  private readonly detours: readonly Detour[];
  private readonly bornAtStart: number;
  /** Slots below this one have a key. */
  private alive: number;
  private slot = 0;

  constructor(group: GroupSpec, share: number, rows: number, seed: number, firstId: number) {
    const stream = (use: string): string => `${group.name}/${use}`;
    const of = <K extends PhaseSpec['kind']>(kind: K): Extract<PhaseSpec, { kind: K }>[] =>
      group.phases.filter((phase): phase is Extract<PhaseSpec, { kind: K }> => phase.kind === kind);
    const windowOf = (phase: PhaseSpec): RowWindow => rowWindow(phase.from, phase.until, rows);
    const newKeys = (phase: GrowthPhase): number => {
      const { start, end } = windowOf(phase);
      return Math.floor(phase.share * share * (end - start));
    };

    this.bornAtStart = group.keys.count;
    this.alive = this.bornAtStart;
    this.births = of('growth').map((phase) => new Pace(windowOf(phase), newKeys(phase)));
    this.slots = of('growth').reduce((sum, phase) => sum + newKeys(phase), this.alive);

    this.random = new Random(seed, stream('keys'));
    this.detourRandom = new Random(seed, stream('phases'));
    this.sampler = popularityNamed(group.popularity.distribution).create(
      group.popularity,
      this.slots,
      this.alive,
    );
    this.scatter = group.popularity.scatter
      ? new Permutation(this.slots, seed, stream('scatter'))
      : undefined;
    this.shifts = of('shift').map((phase) => ({
      pace: new Pace(windowOf(phase), phase.steps),
      ranks: Math.max(1, Math.round(phase.by * this.slots)),
    }));
    const replaced = of('churn').map((phase) => Math.round(phase.turnover * this.slots));
    this.churns = of('churn').map((phase, i) => new Pace(windowOf(phase), replaced[i]));

    let ids = replaced.reduce((sum, count) => sum + count, this.slots);
    const scans = of('scan').map((phase) => {
      const firstOwn = ids;
      ids += phase.keys ?? 0;
      return scanDetour(phase, windowOf(phase), firstOwn);
    });
    const crowds = of('flash-crowd').map((phase) =>
      flashCrowdDetour(phase, windowOf(phase), this.slots, this.scatter, this.detourRandom),
    );
    this.detours = [...scans, ...crowds];
    this.firstId = firstId;
    this.idCount = ids;
  }

  /** The key asked for at `row`; rows must not go back. */
  next(row: number): number {
    this.operation = ANY_OPERATION;
    if (this.births.length > 0 && this.isBirthDue(row)) return this.bear(row);
    for (let i = 0; i < this.detours.length; i++) {
      const detour = this.detours[i];
      if (row < detour.start || row >= detour.end) continue;
      if (this.detourRandom.float() >= detour.share) continue;
      this.operation = detour.operation;
      return this.keyAt(detour.nextSlot(this.alive), row);
    }
    return this.keyAt(this.popularSlot(row), row);
  }

  /** The key after the one {@link next} or this gave, in key order: for scans of a few keys. */
  following(row: number): number {
    return this.keyAt(this.slot + 1 >= this.alive ? 0 : this.slot + 1, row);
  }

  private popularSlot(row: number): number {
    const { slots, scatter } = this;
    const offset = this.shifts.length === 0 ? 0 : this.shiftAt(row);
    let slot = 0;
    for (let i = 0; i < MAX_REDRAWS; i++) {
      const shifted = this.sampler.next(this.random) + offset;
      const rank = shifted < slots ? shifted : shifted - slots;
      slot = scatter === undefined ? rank : scatter.at(rank);
      if (slot < this.alive) return slot;
    }
    // Hardly any popular key is born yet: fold, lest a steep law keeps us here for ever.
    return slot % this.alive;
  }

  private keyAt(slot: number, row: number): number {
    this.slot = slot;
    if (this.churns.length === 0 || slot >= this.slots) return this.firstId + slot;
    let replaced = 0;
    for (const churn of this.churns) replaced += churn.at(row);
    if (replaced <= slot) return this.firstId + slot;
    // Slots are replaced in turn, so the n-th replacement overall brings id slots + n.
    const generation = Math.floor((replaced - 1 - slot) / this.slots) + 1;
    return this.firstId + slot + generation * this.slots;
  }

  private shiftAt(row: number): number {
    let ranks = 0;
    for (const shift of this.shifts) ranks += shift.pace.at(row) * shift.ranks;
    return ranks % this.slots;
  }

  private isBirthDue(row: number): boolean {
    let due = this.bornAtStart;
    for (const birth of this.births) due += birth.at(row);
    return this.alive < due;
  }

  private bear(row: number): number {
    const slot = this.alive++;
    this.sampler.grow?.(this.alive);
    this.operation = SET;
    return this.keyAt(slot, row);
  }
}
