// validate.mjs OPENAPI.json: exit 0 when the document is OpenAPI 3.1 and every $ref and operation id is sound.
import {readFileSync} from 'node:fs';
import {Validator} from '@seriousme/openapi-schema-validator';

const text = readFileSync(process.argv[2], 'utf8');
const document = JSON.parse(text);
const validator = new Validator();
const result = await validator.validate(structuredClone(document));
const wrong = [];
if (!result.valid) wrong.push(JSON.stringify(result.errors, null, 1));
if (validator.version !== '3.1') wrong.push(`version ${validator.version}`);

// What the schema of OpenAPI does not say.
const names = new Set();
for (const [path, methods] of Object.entries(document.paths)) {
  const inPath = [...path.matchAll(/{([^}]*)}/g)].map((match) => match[1]).sort();
  for (const [method, operation] of Object.entries(methods)) {
    const told = operation.parameters.filter((one) => one.in === 'path').map((one) => one.name).sort();
    if (told.join() !== inPath.join()) wrong.push(`${method} ${path}: path parameters ${told}`);
    if (names.has(operation.operationId)) wrong.push(`${operation.operationId} is there twice`);
    names.add(operation.operationId);
  }
}
for (const [, ref] of text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]*)"/g))
  if (!document.components.schemas[ref]) wrong.push(`no schema ${ref}`);
for (const one of wrong) console.error(one);
process.exit(wrong.length ? 1 : 0);
