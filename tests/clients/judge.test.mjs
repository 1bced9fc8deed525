// Validation and error propagation, compared with graphql-js, the reference implementation.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import {
  GraphQLError,
  buildSchema,
  execute,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isLeafType,
  isListType,
  isNonNullType,
  isRequiredArgument,
  isRequiredInputField,
  Kind,
  parse,
  print,
  responsePathAsArray,
  validate,
  visit,
} from 'graphql';
import { ask, serve, signIn } from './support.mjs';

const schema = buildSchema(readFileSync(new URL('../../schema.graphql', import.meta.url), 'utf8'));
// What the schema can't tell of its scalars.
const FORMS = {
  DateTime: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/,
  Date: /^\d{4}-\d\d-\d\d$/,
  Decimal: /^-?\d+(\.\d+)?$/,
};
for (const [name, form] of Object.entries(FORMS)) {
  const kinds = name === 'Decimal' ? [Kind.STRING, Kind.INT, Kind.FLOAT] : [Kind.STRING];
  schema.getType(name).parseLiteral = (node) => {
    if (!kinds.includes(node.kind) || !form.test(node.value)) throw new GraphQLError(`no ${name}`, { nodes: node });
    return node.value;
  };
}
const DOCUMENTS = 2_000;
const SEED = Number(process.env.HANDOVER_SEED ?? 20_261);

let company, administrator;
before(async () => {
  company = await serve();
  administrator = await signIn(company, company.people.administrator);
});
after(() => company.stop());

/** The same numbers for the same seed: mulberry32. */
function chance(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (count) => Math.floor(next() * count);
  const one = (list) => list[below(list.length)];
  const some = (list, count) => {
    const left = [...list];
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(below(left.length), 1)[0]);
  };
  return { next, below, one, some, is: (share) => next() < share };
}

const SCALARS = {
  Int: ['1', '0', '-7', '2147483647'],
  Float: ['1', '1.5', '-2.5e3'],
  ID: ['"x"', '7', '12345678901234567890'],
  Boolean: ['true', 'false'],
  String: ['"x"', '""', '"\\u0073\\u{1F600}"', '"\\uD83D\\uDE00"', '"""a "b" \\u"""', '"é\\n\\""'],
  DateTime: ['"2030-01-01T00:00:00Z"'],
  Date: ['"2030-01-01"'],
  Decimal: ['"1.50"'],
};

/** A document that is valid, or nearly. */
class Writer {
  constructor(random) {
    this.random = random;
    this.variables = [];
    this.fragments = [];
    this.names = 0;
  }

  value(type, depth, hasDefault = false, named = true) {
    const { random } = this;
    if (named && random.is(0.2)) return this.variable(type, hasDefault);
    if (isNonNullType(type)) return this.value(type.ofType, depth, false, false);
    if (named && random.is(0.05)) return 'null';
    if (isListType(type)) {
      if (random.is(0.2)) return this.value(type.ofType, depth, false, false);
      return `[${Array.from({ length: random.below(3) }, () => this.value(type.ofType, depth)).join(', ')}]`;
    }
    if (isEnumType(type)) return random.one(type.getValues()).name;
    if (!isInputObjectType(type)) return random.one(SCALARS[type.name]);
    const fields = Object.values(type.getFields());
    const given = type.isOneOf
      ? [random.one(fields)]
      : fields.filter((field) => isRequiredInputField(field) || (depth > 0 && random.is(0.2)));
    const written = given.map((field) => {
      const value = type.isOneOf
        ? this.value(field.type, depth - 1, false, false)
        : this.value(field.type, depth - 1, field.defaultValue !== undefined);
      return `${field.name}: ${value}`;
    });
    return `{${written.join(', ')}}`;
  }

  variable(type, hasDefault) {
    const { random } = this;
    const name = `v${(this.names += 1)}`;
    let written = String(type);
    let given = '';
    if (isNonNullType(type) && random.is(0.3)) {
      written = String(type.ofType);
      if (!hasDefault) given = ` = ${new Writer(random).value(type.ofType, 0, false, false)}`;
    } else if (!isNonNullType(type) && random.is(0.3)) {
      written += '!';
    }
    this.variables.push(`$${name}: ${written}${given}`);
    return `$${name}`;
  }

  directives() {
    if (!this.random.is(0.08)) return '';
    const value = this.random.is(0.5) ? 'true' : this.variable(schema.getDirective('skip').args[0].type, false);
    return ` @${this.random.one(['skip', 'include'])}(if: ${value})`;
  }

  field(field, depth) {
    const args = field.args.filter((arg) => isRequiredArgument(arg) || this.random.is(0.2));
    const written = args.map((arg) => `${arg.name}: ${this.value(arg.type, 2, arg.defaultValue !== undefined)}`);
    // Arguments may conflict with those of the same field elsewhere.
    const alias = args.length ? `a${(this.names += 1)}: ` : '';
    const below = isCompositeType(getNamedType(field.type)) ? this.selection(getNamedType(field.type), depth - 1) : '';
    const list = written.length ? `(${written.join(', ')})` : '';
    return `${alias}${field.name}${list}${this.directives()}${below}`;
  }

  selection(type, depth, least = 1) {
    const { random } = this;
    const fields = Object.values(type.getFields?.() ?? {});
    const fit = fields.filter((field) => depth > 0 || isLeafType(getNamedType(field.type)));
    const parts = random.some(fit, least + random.below(3)).map((field) => this.field(field, depth));
    if (!parts.length || random.is(0.1)) parts.push('__typename');
    const narrower = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
    if (depth > 0 && random.is(0.15)) {
      const on = random.one(narrower);
      parts.push(`... on ${on}${this.directives()} ${this.selection(on, 0)}`);
    }
    if (depth > 0 && random.is(0.15)) {
      const on = random.one(narrower);
      const name = `F${(this.names += 1)}`;
      this.fragments.push(`fragment ${name} on ${on} ${this.selection(on, 0)}`);
      parts.push(`...${name}${this.directives()}`);
    }
    return ` { ${parts.join(' ')} }`;
  }

  document() {
    const kind = this.random.is(0.25) ? 'mutation' : this.random.is(0.1) ? 'subscription' : 'query';
    const root = { query: schema.getQueryType(), mutation: schema.getMutationType(), subscription: schema.getSubscriptionType() };
    const roots = Object.values(root[kind].getFields());
    const count = kind === 'subscription' ? 1 : 1 + this.random.below(2);
    const fields = this.random.some(roots, count).map((field) => this.field(field, 3));
    const variables = this.variables.length ? `(${this.variables.join(', ')})` : '';
    return `${kind} Generated${variables} { ${fields.join(' ')} } ${this.fragments.join(' ')}`;
  }
}

const name = (value) => ({ kind: Kind.NAME, value });
const field = (of, more = {}) => ({ kind: Kind.FIELD, name: name(of), ...more });
const without = (list, node) => list.filter((other) => other !== node);
/** What may make a document invalid: the nodes that it can be done to, and what becomes of one. */
const BREAKS = [
  [Kind.FIELD, (node) => ({ ...node, name: name('nothing') })],
  [Kind.FIELD, (node) => ({ ...node, selectionSet: node.selectionSet ? undefined : { kind: Kind.SELECTION_SET, selections: [field('id')] } })],
  [Kind.FIELD, (node, random) => node.arguments.length && { ...node, arguments: without(node.arguments, random.one(node.arguments)) }],
  [Kind.FIELD, (node, random) => node.arguments.length && { ...node, arguments: [...node.arguments, random.one(node.arguments)] }],
  [Kind.ARGUMENT, (node) => ({ ...node, name: name('nothing') })],
  [Kind.ARGUMENT, (node, random) => ({ ...node, value: constant(random) })],
  [Kind.OBJECT_FIELD, (node, random) => ({ ...node, value: constant(random) })],
  [Kind.OBJECT_FIELD, (node) => ({ ...node, name: name('nothing') })],
  [Kind.OBJECT, (node, random) => node.fields.length && { ...node, fields: [...node.fields, random.one(node.fields)] }],
  [Kind.OBJECT, (node, random) => node.fields.length && { ...node, fields: without(node.fields, random.one(node.fields)) }],
  [Kind.OBJECT, (node, random) => ({ ...node, fields: [...node.fields, { kind: Kind.OBJECT_FIELD, name: name(random.one(['userId', 'headOfDepartment', 'evenlyAmong', 'search'])), value: constant(random) }] })],
  [Kind.LIST, (node, random) => ({ ...node, values: [...node.values, constant(random)] })],
  [Kind.ENUM, (node) => ({ kind: Kind.STRING, value: node.value })],
  [Kind.STRING, () => ({ kind: Kind.ENUM, value: 'NOTHING' })],
  [Kind.INT, (node) => ({ ...node, value: '2147483648' })],
  [Kind.OPERATION_DEFINITION, (node, random) => node.variableDefinitions.length && { ...node, variableDefinitions: without(node.variableDefinitions, random.one(node.variableDefinitions)) }],
  [Kind.OPERATION_DEFINITION, (node, random) => node.variableDefinitions.length && { ...node, variableDefinitions: [...node.variableDefinitions, random.one(node.variableDefinitions)] }],
  [Kind.OPERATION_DEFINITION, (node) => ({ ...node, variableDefinitions: [...node.variableDefinitions, ...parse('query($unused: Int) { a }').definitions[0].variableDefinitions] })],
  [Kind.OPERATION_DEFINITION, (node) => ({ ...node, name: name('Safe') })],
  [Kind.OPERATION_DEFINITION, (node) => ({ ...node, name: undefined })],
  [Kind.OPERATION_DEFINITION, (node) => ({ ...node, directives: parse('{ a @skip(if: true) }').definitions[0].selectionSet.selections[0].directives })],
  [Kind.OPERATION_DEFINITION, (node) => ({ ...node, operation: node.operation === 'query' ? 'mutation' : 'query' })],
  [Kind.VARIABLE_DEFINITION, (node) => ({ ...node, type: node.type.kind === Kind.NON_NULL_TYPE ? node.type.type : { kind: Kind.NON_NULL_TYPE, type: node.type } })],
  [Kind.VARIABLE_DEFINITION, (node) => ({ ...node, type: { kind: Kind.LIST_TYPE, type: node.type } })],
  [Kind.VARIABLE_DEFINITION, (node, random) => ({ ...node, type: { kind: Kind.NAMED_TYPE, name: name(random.one(['String', 'ID', 'Int', 'User', 'UserFilter', 'Nothing', 'DateTime'])) } })],
  [Kind.VARIABLE_DEFINITION, (node, random) => ({ ...node, defaultValue: random.is(0.4) ? undefined : constant(random) })],
  [Kind.VARIABLE, (node) => ({ ...node, name: name('nothing') })],
  [Kind.FRAGMENT_SPREAD, (node) => ({ ...node, name: name('Nothing') })],
  [Kind.FRAGMENT_DEFINITION, (node) => ({ ...node, selectionSet: { ...node.selectionSet, selections: [...node.selectionSet.selections, { kind: Kind.FRAGMENT_SPREAD, name: node.name }] } })],
  [Kind.FRAGMENT_DEFINITION, (node) => ({ ...node, name: name('Unused') })],
  [Kind.FRAGMENT_DEFINITION, (node, random) => ({ ...node, typeCondition: { kind: Kind.NAMED_TYPE, name: name(random.one(['Task', 'Node', 'String', 'Nothing', 'DriveItem'])) } })],
  [Kind.INLINE_FRAGMENT, (node, random) => ({ ...node, typeCondition: { kind: Kind.NAMED_TYPE, name: name(random.one(['Task', 'Node', 'UserFilter', 'Nothing', 'Folder'])) } })],
  [Kind.FIELD, (node) => ({ ...node, directives: parse('{ a @nothing }').definitions[0].selectionSet.selections[0].directives })],
  [Kind.FIELD, (node) => ({ ...node, directives: parse('{ a @skip(if: true) @skip(if: true) }').definitions[0].selectionSet.selections[0].directives })],
  [Kind.FIELD, (node) => ({ ...node, directives: parse('{ a @include }').definitions[0].selectionSet.selections[0].directives })],
  [Kind.SELECTION_SET, (node, random) => ({ ...node, selections: [...node.selections, field(random.one(['id', 'name', '__typename', 'email']), { alias: name(random.one(['id', 'name', 'total'])) })] })],
  [Kind.SELECTION_SET, (node, random) => ({ ...node, selections: [...node.selections, { ...random.one(node.selections.filter((one) => one.kind === Kind.FIELD)), arguments: [] }] })],
];

function constant(random) {
  return random.one([
    { kind: Kind.STRING, value: 'ACTIVE' },
    { kind: Kind.INT, value: '1' },
    { kind: Kind.FLOAT, value: '1.5' },
    { kind: Kind.BOOLEAN, value: true },
    { kind: Kind.ENUM, value: 'ACTIVE' },
    { kind: Kind.NULL },
    { kind: Kind.LIST, values: [{ kind: Kind.STRING, value: 'x' }] },
    { kind: Kind.OBJECT, fields: [{ kind: Kind.OBJECT_FIELD, name: name('search'), value: { kind: Kind.STRING, value: 'x' } }] },
  ]);
}

function broken(text, random) {
  const document = parse(text);
  const [kind, change] = random.one(BREAKS);
  const nodes = [];
  visit(document, { enter: (node) => void (node.kind === kind && nodes.push(node)) });
  if (!nodes.length) return text;
  const chosen = random.one(nodes);
  const changed = change(chosen, random);
  if (!changed) return text;
  return print(visit(document, { enter: (node) => (node === chosen ? changed : undefined) }));
}

/** A document with something taken out of its text, or put in. */
function torn(text, random) {
  const at = random.below(text.length);
  const put = random.one(['', '', '"', '{', '}', '$', '\\u', '"\\uD83D"', '"\\u{110000}"', '!', ' 01 ', '@', ' on ', '...']);
  return text.slice(0, at) + put + text.slice(at + 1 + random.below(3));
}

function verdict(text) {
  try {
    const errors = validate(schema, parse(text));
    return { valid: !errors.length, why: errors.map((error) => error.message) };
  } catch (error) {
    assert.ok(error instanceof GraphQLError, error);
    return { valid: false, why: [error.message] };
  }
}

test(`${DOCUMENTS} documents are valid for both or for neither`, { timeout: 300_000 }, async (t) => {
  const random = chance(SEED);
  const counts = { valid: 0, invalid: 0, limited: 0 };
  const apart = [];
  for (let n = 0; n < DOCUMENTS; n += 1) {
    let text = new Writer(random).document();
    for (let breaks = random.below(3); breaks > 0; breaks -= 1) {
      try {
        text = broken(text, random);
      } catch {
        // Skip documents that an earlier mutation made unparsable.
      }
    }
    if (random.is(0.05)) text = torn(text, random);
    // The whole document is validated, but only this operation is run.
    const document = `${text}\nquery Safe { __typename }`;
    const judged = verdict(document);
    const headers = {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      authorization: `Bearer ${administrator}`,
    };
    const body = JSON.stringify({ query: document, operationName: 'Safe' });
    const response = await fetch(company.url, { method: 'POST', headers, body });
    const answer = await response.json();
    const codes = (answer.errors ?? []).map((error) => error.extensions.code);
    // On subscription roots, the 2025 edition allows no conditions, and the server no duplicate field.
    const stricter = / can (not specify @skip|only have one root field)/.test(answer.errors?.[0].message);
    if (codes.includes('QUERY_TOO_COMPLEX') || (stricter && judged.valid)) {
      counts.limited += 1;
      continue;
    }
    counts[judged.valid ? 'valid' : 'invalid'] += 1;
    assert.ok([200, 400].includes(response.status), `${response.status}: ${document}`);
    assert.equal(response.status === 200, answer.data !== undefined, JSON.stringify(answer));
    if (judged.valid !== (response.status === 200)) {
      apart.push(`${document}\n  graphql-js: ${judged.why.join('; ') || 'valid'}\n  server: ${answer.errors?.map((error) => error.message).join('; ') ?? 'valid'}`);
    }
  }
  t.diagnostic(JSON.stringify(counts));
  assert.deepEqual(apart.slice(0, 5), [], `${apart.length} of ${DOCUMENTS}, seed ${SEED}`);
  assert.ok(counts.valid > DOCUMENTS / 4 && counts.invalid > DOCUMENTS / 4 && counts.limited < DOCUMENTS / 10, JSON.stringify(counts));
});

test('a failure is null where the specification has it', async () => {
  const employee = await signIn(company, company.people.employee);
  const page = '{ users(first: 20, filter: {dismissed: false}) { nodes { id } } }';
  const { data } = await ask(company.url, administrator, page);
  const ids = data.users.nodes.map((user) => user.id);
  const someone = ids.find(Boolean);
  let failures = 0;
  for (const query of [
    `{ users(first: 20, filter: {dismissed: false}) { nodes { id name work { total lines { kind open } } department { name } sessions { id } } } }`,
    `{ user(id: "${someone}") { name work { total } } node(id: "garbage") { id } integrations { id } __typename }`,
    `{ nodes(ids: ["${ids[0]}", "garbage", "${ids[1]}"]) { __typename id ... on User { email work { total } } } }`,
    `{ user(id: "${someone}") { name } auditLog(first: 1) { totalCount } }`,
    `{ a: user(id: "garbage") { id } b: user(id: "${someone}") { id sessions { id } head { name work { total } } } }`,
  ]) {
    const all = await ask(company.url, administrator, query);
    const some = await ask(company.url, employee, query);
    const failed = new Set((some.errors ?? []).map((error) => JSON.stringify(error.path)));
    assert.ok(failed.size, query);
    failures += failed.size;
    const expected = await execute({
      schema,
      document: parse(query),
      rootValue: all.data ?? {},
      typeResolver: (value) => value.__typename,
      fieldResolver: (source, args, context, info) => {
        const path = responsePathAsArray(info.path);
        if (failed.has(JSON.stringify(path))) throw new Error('failed');
        return source[path.at(-1)];
      },
    });
    assert.deepEqual(some.data, JSON.parse(JSON.stringify(expected.data)), query);
    assert.equal(some.status, 200, query);
  }
  assert.ok(failures > 10, `${failures}`);
});
