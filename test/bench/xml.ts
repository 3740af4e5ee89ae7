/** An element of a document without text of its own. */
export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
};

/** Reads as much of XML as our reports write: a declaration, elements, attributes in double quotes. Throws for the rest. */
export function parseXml(text: string): Element {
  const declaration = /^<\?xml version="1\.0" encoding="UTF-8"\?>\s*/.exec(text);
  if (declaration === null) throw new Error('no XML declaration');
  const root: { children: Element[] } = { children: [] };
  const open: { name: string; children: Element[] }[] = [];
  const tag = /\s*<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)(\/?)>/gy;
  tag.lastIndex = declaration[0].length;
  while (tag.lastIndex < text.trimEnd().length) {
    const at = tag.lastIndex;
    const match = tag.exec(text);
    if (match === null) throw new Error(`not XML: ${text.slice(at, at + 80)}`);
    const [, isEnd, name, attributes, isEmpty] = match;
    if (isEnd !== '') {
      const closed = open.pop();
      if (closed?.name !== name) throw new Error(`</${name}> closes ${closed?.name ?? 'nothing'}`);
      continue;
    }
    const children: Element[] = [];
    (open.at(-1) ?? root).children.push({ name, attributes: attributesIn(attributes), children });
    if (isEmpty === '') open.push({ name, children });
  }
  if (open.length > 0 || root.children.length !== 1) throw new Error('not one whole element');
  return root.children[0];
}

function attributesIn(text: string): Record<string, string> {
  const pairs = [...text.matchAll(/([a-z]+)="([^"]*)"/g)].map(([, name, raw]): [string, string] => {
    const value = raw.replaceAll(/&(?:amp|lt|gt|quot);/g, (entity) => ENTITIES[entity]);
    if (/&(?!(?:amp|lt|gt|quot);)/.test(raw)) throw new Error(`a bare & in ${name}`);
    return [name, value];
  });
  if (new Set(pairs.map(([name]) => name)).size !== pairs.length) {
    throw new Error(`an attribute twice: ${text}`);
  }
  return Object.fromEntries(pairs);
}
