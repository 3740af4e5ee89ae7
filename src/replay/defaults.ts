import type { CommonSettings } from './plan.ts';

/** Settings a user did not ask for: the servers' own defaults, and a look-aside client with sixteen requests under way. */
export const DEFAULT_SETTINGS: CommonSettings = {
  maxmemorySamples: 5,
  lfuLogFactor: 10,
  lfuDecayTime: 1,
  hz: 10,
  activeExpireEffort: 1,
  evictionTenacity: 10,
  onMiss: 'fill',
  pipeline: 16,
  epochSeconds: 1_700_000_000,
  serverTime: 'modelled',
};
