import type { ServerProfile } from './profile.ts';
import { SERVERS } from './registry.ts';
import { versionNumbers } from './version.ts';

/** A profile chosen for a release. */
export interface NearestProfile {
  readonly profile: ServerProfile;
  /** Whether it models that very minor version. */
  readonly exact: boolean;
}

/** The profile of a release: its own, else the newest that is older, of the same project if it has any. */
export function nearestProfile(
  flavour: string,
  version: string,
  profiles: readonly ServerProfile[] = SERVERS,
): NearestProfile {
  const [major, minor] = versionNumbers(version);
  const rank = (of: readonly number[]): number => of[0] * 1000 + (of[1] ?? 0);
  const own = profiles
    .map((profile) => ({ profile, match: /^(redis|valkey)-(\d+\.\d+)$/.exec(profile.name) }))
    .flatMap(({ profile, match }) =>
      match?.[1] === flavour ? [{ profile, of: versionNumbers(match[2]) }] : [],
    )
    .sort((a, b) => rank(a.of) - rank(b.of));
  const older = own.filter(({ of }) => rank(of) <= rank([major, minor]));
  const nearest = older.at(-1) ?? own.at(0);
  if (nearest === undefined) return { profile: profiles[profiles.length - 1], exact: false };
  return { profile: nearest.profile, exact: rank(nearest.of) === rank([major, minor]) };
}
