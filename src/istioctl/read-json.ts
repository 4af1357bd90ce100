/**
 * The JSON in an output that may begin with log lines, also of several lines: `--log_target stderr` keeps most of them away,
 * but not those from before the flags are read.
 * @throws SyntaxError when no line begins JSON, or it does not go to the end
 */
export function readJson(stdout: string): unknown {
  return JSON.parse(fromFirstJsonLine(stdout));
}

/**
 * Several JSON objects one after the other, as `proxy-status` prints them, one for each istiod.
 * @throws SyntaxError when there is none, or something else among them
 */
export function readJsonDocuments(stdout: string): unknown[] {
  return splitDocuments(fromFirstJsonLine(stdout)).map((document) => JSON.parse(document) as unknown);
}

/** Log lines begin with a date, so that the first line with a bracket is the JSON's. */
function fromFirstJsonLine(stdout: string): string {
  const index = stdout.search(/^(?:[[{]|null$)/m);
  if (index === -1) throw new SyntaxError('there is no JSON');
  return stdout.slice(index);
}

/** Cuts where a top-level object ends; a remainder that ends nowhere is kept, so that parsing it fails. */
function splitDocuments(text: string): string[] {
  const documents: string[] = [];
  let begin = 0;
  let depth = 0;
  for (const { 0: token, index } of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    if (token === '{') depth += 1;
    if (token === '}') depth -= 1;
    if (token === '}' && depth === 0) {
      documents.push(text.slice(begin, index + 1));
      begin = index + 1;
    }
  }
  const rest = text.slice(begin);
  return rest.trim() === '' ? documents : [...documents, rest];
}
