import { Engine } from '../engine/engine.ts';
import { CopyOnWrite } from '../memory/fork.ts';
import type { Policy, PolicyDefinition } from '../policies/policy.ts';
import { policyNamed } from '../policies/registry.ts';
import { Replay } from '../replay/batch.ts';
import type { Cell } from '../replay/cell.ts';
import { serverNamed } from '../servers/registry.ts';
import { DEL, EXPIRE, INCR, PERSIST, SETKEEP } from '../trace/operations.ts';
import type { Trace } from '../trace/trace.ts';
import { NO_TTL } from '../trace/ttl.ts';
import { KeyPages } from './key-pages.ts';

/** A child's life in rows of the trace: born before `from`, gone before `to`. */
export interface Child {
  readonly from: number;
  readonly to: number;
}

/** What a child's life cost. */
export interface ChildCopies extends Child {
  /** Most bytes copied at a time. */
  readonly bytes: number;
  /** Bytes of keys, values and tables when it was forked. */
  readonly dataBytes: number;
}

/**
 * Replays a trace on the server of a cell and counts the pages that its writes copy while each of `children` lives, in
 * their order. Small constant costs of a child are not in it (CHILD_BASE_BYTES).
 */
export function copiedPages(
  trace: Trace,
  cell: Cell,
  children: readonly Child[],
  pageBytes: number,
): ChildCopies[] {
  const profile = serverNamed(cell.server);
  const pages = new CopyOnWrite(pageBytes);
  const keyPages = new KeyPages(profile, cell.allocator, trace.keyBytes, pages);
  const startup = cell.startupMemoryBytes ?? profile.startupMemoryBytes(cell.allocator);
  const clients = cell.clientMemoryBytes ?? profile.idleClientBytes(cell.allocator);
  const engine = new Engine(
    {
      ...cell,
      profile,
      policy: watched(policyNamed(cell.policy), trace, keyPages),
      baseBytes: startup + clients,
    },
    trace.keyBytes,
    cell.epochSeconds * 1000,
    trace,
  );
  const replay = new Replay(engine, trace, cell);
  return children.map((child) => {
    replay.to(child.from);
    const { dataBytes } = engine;
    pages.fork();
    // In steps, so that what the child has saved by then is known to within one.
    const rows = child.to - child.from;
    for (let step = 1; step <= PROGRESS_STEPS; step++) {
      replay.to(child.from + Math.floor((rows * step) / PROGRESS_STEPS));
      pages.progress(step / PROGRESS_STEPS);
    }
    return { ...child, bytes: pages.exit(), dataBytes };
  });
}

const PROGRESS_STEPS = 64;

/** The same policy; what it hears of keys becomes writes to pages. */
function watched(definition: PolicyDefinition, trace: Trace, keyPages: KeyPages): PolicyDefinition {
  return {
    ...definition,
    create(context): Policy {
      const policy = definition.create(context);
      const { clock } = context;
      // A row's first news of its key says that it writes; the row itself says what.
      let writtenRow = -1;
      const onWrite = (id: number): void => {
        if (clock.row === writtenRow) return;
        writtenRow = clock.row;
        applyRow(trace, clock.row, id, keyPages);
      };
      return {
        onHit: (id) => {
          policy.onHit(id);
        },
        onInsert: (id) => {
          onWrite(id);
          policy.onInsert(id);
        },
        onModify: (id) => {
          onWrite(id);
          policy.onModify?.(id);
        },
        onRemove: (id, reason) => {
          keyPages.remove(id);
          policy.onRemove(id, reason);
        },
        chooseVictim: () => policy.chooseVictim(),
      };
    },
  };
}

function applyRow(trace: Trace, row: number, id: number, keyPages: KeyPages): void {
  const op = trace.ops[row];
  const hasTtl = trace.ttls[row] !== NO_TTL;
  if (op === EXPIRE) keyPages.changeTtl(id, true);
  else if (op === PERSIST) keyPages.changeTtl(id, false);
  else if (op === INCR) keyPages.store(id, 0, 'integer', keyPages.hasTtl(id));
  else if (op === SETKEEP) {
    keyPages.store(id, trace.valueBytes[row], 'string', keyPages.hasTtl(id) || hasTtl);
  } else if (op !== DEL) keyPages.store(id, trace.valueBytes[row], 'string', hasTtl);
}
