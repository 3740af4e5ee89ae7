import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { NotComparableError } from './not-comparable.ts';
import { environmentOf, type Environment } from './environment.ts';

/** A compiled evictlab. */
export interface Build {
  /** URL of its library entry. */
  readonly library: string;
  readonly environment: Environment;
}

/** The build this code belongs to. */
export function thisBuild(): Build {
  return buildOf(fileURLToPath(new URL('../index.js', import.meta.url)));
}

/** The build in a package folder or its `dist`. Throws NotComparableError when there is none. */
export function buildIn(folder: string): Build {
  const places = ['dist/src', 'src', '.'].map((place) => join(resolve(folder), place, 'index.js'));
  const entry = places.find((place) => existsSync(place));
  if (entry === undefined) {
    throw new NotComparableError(
      `${folder}: no build of evictlab here; expected dist/src/index.js in it. Run npm run build there first.`,
    );
  }
  return buildOf(entry);
}

function buildOf(entry: string): Build {
  let folder = dirname(entry);
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  return { library: pathToFileURL(entry).href, environment: environmentOf(folder) };
}
