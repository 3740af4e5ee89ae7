import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { UsageError } from '../../src/errors.ts';
import { parseWorkload } from '../../src/workload/parse.ts';

const GOOD: Readonly<Record<string, string>> = {
  description: 'A workload.',
  requests: '10',
  keys: '{ count: 10 }',
  popularity: '{ distribution: uniform }',
  values: '{ distribution: fixed, value: 1 }',
};

/** The lines of a good file with some of them replaced, added or (undefined) left out. */
function file(changes: Readonly<Record<string, string | undefined>>): string {
  return Object.entries({ ...GOOD, ...changes })
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${value!}\n`)
    .join('');
}

function messageOf(text: string): string {
  try {
    parseWorkload(text, 'w', 'w.yaml');
  } catch (error) {
    assert.ok(error instanceof UsageError, String(error));
    return error.message;
  }
  return 'no error';
}

const CASES: [what: string, text: string, position: string, message: RegExp][] = [
  [
    'no requests',
    file({ requests: '0' }),
    '2:11',
    /^requests must be a whole number from 1 .* got 0\.$/,
  ],
  ['half a request', file({ requests: '1.5' }), '2:11', /got 1\.5/],
  ['endless requests', file({ requests: '.inf' }), '2:11', /got Infinity/],
  ['no keys', file({ keys: '{ count: 0 }' }), '3:16', /^keys\.count must be .* from 1 .* got 0\.$/],
  ['keys left out', file({ keys: undefined }), '1:1', /^keys is missing: write a mapping/],
  ['count left out', file({ keys: '{}' }), '3:7', /^keys\.count is missing: write a whole number/],
  [
    'an unknown distribution',
    file({ popularity: '{ distribution: zifp }' }),
    '4:29',
    /^popularity\.distribution: Unknown distribution "zifp"\. Did you mean "zipf"\? Known: uniform, zipf, /,
  ],
  [
    'a distribution without its settings',
    file({ popularity: 'zipf' }),
    '4:13',
    /^popularity must be a mapping with "distribution" .* got "zipf"\.$/,
  ],
  [
    'a distribution without a name',
    file({ popularity: '{ exponent: 1 }' }),
    '4:13',
    /^popularity\.distribution is missing: write one of uniform, zipf/,
  ],
  [
    'a negative exponent',
    file({ popularity: '{ distribution: zipf, exponent: -1 }' }),
    '4:45',
    /^popularity\.exponent must be a number of 0 or more; got -1\.$/,
  ],
  [
    'a misspelt setting, although it makes another seem missing',
    file({ popularity: '{ distribution: zipf, exponant: 1 }' }),
    '4:35',
    /^popularity: Unknown key "exponant"\. Did you mean "exponent"\? .* \(And 1 more/,
  ],
  [
    'a setting of another distribution',
    file({ popularity: '{ distribution: sequential, scatter: true }' }),
    '4:41',
    /^popularity: Unknown key "scatter"\. Known: distribution\.$/,
  ],
  [
    'an unknown key',
    file({ popularty: '1' }),
    '6:1',
    /^Unknown key "popularty"\. Did you mean "popularity"/,
  ],
  [
    'a size with a space',
    file({ values: '{ distribution: fixed, value: 2 kb }' }),
    '5:39',
    /^values\.value must be a size: .*redis\.conf.* got "2 kb"\.$/,
  ],
  [
    'a size beyond the server',
    file({ values: '{ distribution: fixed, value: 1gb }' }),
    '5:39',
    /^values\.value must be at most 512mb.* got "1gb"\.$/,
  ],
  [
    'a size below nothing',
    file({ values: '{ distribution: fixed, value: -1 }' }),
    '5:39',
    /must be a size/,
  ],
  [
    'bounds the wrong way round',
    file({ values: '{ distribution: uniform, min: 3, max: 2 }' }),
    '5:39',
    /^values\.min: min is larger than max\.$/,
  ],
  [
    'an empty choice',
    file({ values: '{ distribution: choice, of: [] }' }),
    '5:37',
    /^values\.of must be a list of at least one \{ value, weight \}; got \[\]\.$/,
  ],
  [
    'weights that are all 0',
    file({ values: '{ distribution: choice, of: [{ value: 1, weight: 0 }] }' }),
    '5:37',
    /^values\.of: Every weight is 0\.$/,
  ],
  [
    'a seed with a fraction',
    file({ seed: '1.5' }),
    '6:7',
    /^seed must be a whole number .* got 1\.5\.$/,
  ],
  ['a seed that is a word', file({ seed: 'lucky' }), '6:7', /got "lucky"/],
  [
    'no operation',
    file({ operations: '{ get: 0 }' }),
    '6:13',
    /^operations: No operation has a weight above 0\.$/,
  ],
  [
    'an unknown operation',
    file({ operations: '{ gett: 1 }' }),
    '6:15',
    /^operations: Unknown key "gett"\. Did you mean "get"\? Known: get, set, /,
  ],
  [
    'expire without a TTL to give',
    file({ operations: '{ expire: 1 }' }),
    '6:23',
    /^operations\.expire: expire needs a ttl/,
  ],
  [
    'a TTL without a unit',
    file({ ttl: '{ distribution: fixed, value: 30 }' }),
    '6:36',
    /^ttl\.value must be a duration: .* got 30\.$/,
  ],
  [
    'a TTL of nothing',
    file({ ttl: '{ distribution: fixed, value: 0s }' }),
    '6:36',
    /^ttl\.value must be at least 1ms; got "0s"\.$/,
  ],
  [
    'a fraction above 1',
    file({ ttl: '{ distribution: fixed, value: 30s, fraction: 1.5 }' }),
    '6:51',
    /^ttl\.fraction must be a fraction from 0 to 1, .* got 1\.5\.$/,
  ],
  [
    'a size distribution that is no TTL',
    file({ ttl: '{ distribution: facebook-etc-values }' }),
    '6:22',
    /^ttl\.distribution: Unknown distribution "facebook-etc-values"/,
  ],
  [
    'a share above 1',
    file({ phases: '[{ kind: scan, share: 2 }]' }),
    '6:31',
    /^phases\[0\]\.share must be a fraction above 0 .* got 2\.$/,
  ],
  [
    'an unknown phase',
    file({ phases: '[{ kind: scn }]' }),
    '6:18',
    /^phases\[0\]\.kind: Unknown kind "scn"\. Did you mean "scan"/,
  ],
  [
    'a phase that ends before it starts',
    file({ phases: '[{ kind: shift, from: 0.5, until: 0.4 }]' }),
    '6:43',
    /^phases\[0\]\.until: A phase ends/,
  ],
  [
    'a rate of nothing',
    file({ arrival: '{ pattern: constant, rate: 0 }' }),
    '6:37',
    /^arrival\.rate must be a number above 0; got 0\.$/,
  ],
  [
    'an unknown arrival',
    file({ arrival: '{ pattern: sine }' }),
    '6:21',
    /^arrival\.pattern: Unknown pattern "sine"/,
  ],
  [
    'an unknown spacing',
    file({ arrival: '{ pattern: constant, rate: 1, spacing: gamma }' }),
    '6:49',
    /^arrival\.spacing must be one of even, poisson, facebook-etc; got "gamma"\.$/,
  ],
  [
    'groups beside keys',
    file({ groups: '{}' }),
    '3:1',
    /^Unknown key "keys"\..* With groups, "keys" belongs inside each group\./,
  ],
  ['no group', 'description: a\nrequests: 5\ngroups: {}\n', '3:9', /^groups: There is no group\.$/],
  [
    'a group without settings',
    'description: a\nrequests: 5\ngroups:\n  a: { weight: 1 }\n',
    '4:6',
    /^groups\.a\.keys is missing/,
  ],
  [
    'a key given twice',
    `${file({})}requests: 5\n`,
    '6:1',
    /^not valid YAML: Map keys must be unique$/,
  ],
  ['an open quote', 'description: "a', '1:16', /^not valid YAML: Missing closing "quote$/],
  ['an alias of nothing', 'description: *nothing\n', '1:1', /^not valid YAML: Unresolved alias/],
  ['an empty file', '', '1:1', /^The file must be a mapping with the keys description, seed, /],
  ['a list', '[]', '1:1', /^The file must be a mapping/],
];

describe('a bad workload file is told in one line with its place', () => {
  it('and the good file that the cases change is good', () => {
    assert.equal(messageOf(file({})), 'no error');
  });

  for (const [what, text, position, message] of CASES) {
    it(what, () => {
      const told = messageOf(text);
      assert.ok(!told.includes('\n'), told);
      const [, place, rest] = /^w\.yaml:(\d+:\d+): (.*)$/.exec(told) ?? ['', '', told];
      assert.match(rest, message);
      assert.equal(place, position, told);
    });
  }
});
