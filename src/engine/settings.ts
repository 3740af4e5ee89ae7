import type { PolicySettings } from '../policies/policy.ts';
import type { PolicyDefinition } from '../policies/policy.ts';
import type { Allocator, ServerProfile } from '../servers/profile.ts';

/** Everything that makes one server: which version, how it is configured, and the dice it throws. */
export interface EngineSettings extends PolicySettings {
  readonly profile: ServerProfile;
  readonly allocator: Allocator;
  readonly policy: PolicyDefinition;
  /** 0 = no limit. */
  readonly maxmemoryBytes: number;
  readonly hz: number;
  /** Times that the timer is slower than `hz`, what it may do at a time being the same; undefined = 1, a real server. */
  readonly timerSlowdown?: number;
  readonly activeExpireEffort: number;
  readonly evictionTenacity: number;
  /** Bytes of `used_memory` that are not data: empty server and clients. */
  readonly baseBytes: number;
  readonly serverTime: 'modelled' | 'none';
  readonly seed: number;
}
