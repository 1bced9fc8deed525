// Generates the import files of a company: `node data.mjs FOLDER --people 300000 [--tree] [--records 0] [--tasks 0]`.
// Deterministic for the same arguments. A fifth of the people have left and a third have no name, as in the well-known
// "employees" sample; --tree adds ten teams below each of the nine departments.
import { createWriteStream, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    people: { type: 'string', default: '300000' },
    records: { type: 'string', default: '0' },
    tasks: { type: 'string', default: '0' },
    tree: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
const people = Number(values.people);
mkdirSync(folder, { recursive: true });

// mulberry32: small and portable.
let state = 20_000_101;
const random = (below) => {
  state = (state + 0x6d2b79f5) | 0;
  let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
};
const day = (from, days) =>
  new Date(Date.UTC(from, 0, 1) + random(days) * 86_400_000).toISOString().slice(0, 10);

const write = async (name, header, count, row) => {
  const file = createWriteStream(join(folder, name));
  file.write(header + '\n');
  let lines = '';
  for (let i = 0; i < count; i++) {
    lines += row(i) + '\n';
    if (lines.length > 1 << 16) {
      if (!file.write(lines)) await once(file, 'drain');
      lines = '';
    }
  }
  file.end(lines);
  await once(file, 'finish');
};

const DEPARTMENTS = ['Customer Service', 'Development', 'Finance', 'Human Resources', 'Marketing', 'Production',
  'Quality Management', 'Research', 'Sales'];
const FIRST = ['Georgi', 'Bezalel', 'Parto', 'Chirstian', 'Kyoichi', 'Anneke', 'Tzvetan', 'Saniya', 'Sumant', 'Duangkaew',
  'Mary', 'Patricio', 'Eberhardt', 'Berni', 'Guoxiang', 'Kazuhito', 'Cristinel', 'Kazuhide', 'Lillian', 'Mayuko'];
const LAST = ['Facello', 'Simmel', 'Bamford', 'Koblick', 'Maliniak', 'Preusig', 'Zielinski', 'Kalloufi', 'Peac', 'Piveteau',
  'Sluis', 'Bridgland', 'Terkki', 'Genin', 'Nooteboom', 'Cappelletti', 'Bouloucos', 'Peha', 'Haddadi', 'Warwick'];
const POSITIONS = ['Engineer', 'Senior Engineer', 'Staff', 'Senior Staff', 'Technique Leader', 'Manager'];

const address = (i) => `${i}@employees.example`;
const teams = values.tree ? 10 : 0;
const departments = DEPARTMENTS.flatMap((name, top) => [
  `d${top},${name},,${address(top)}`,
  ...Array.from({ length: teams }, (_, team) => `d${top}-${team},${name} ${team + 1},d${top},`),
]);
await write('departments.csv', 'id,name,parent_id,head_email', departments.length, (i) => departments[i]);

await write('users.csv', 'email,given_name,family_name,position,department_id,hired_on,dismissed_on,role', people, (i) => {
  const top = i < 9 ? i : random(9);
  const department = i < 9 || !values.tree ? `d${top}` : `d${top}-${random(10)}`;
  const named = random(3) > 0;
  const name = named ? `${FIRST[random(20)]},${LAST[random(20)]}${random(80)}` : ',';
  const left = i >= 20 && random(5) === 0 ? day(2001, 9_000) : '';
  return `${address(i)},${name},${POSITIONS[random(6)]},${department},${day(1985, 5_800)},${left},`;
});

// Every person has some records; the titles contain words to search for.
const KINDS = ['LEAD', 'DEAL', 'CONTACT', 'COMPANY', 'QUOTE', 'INVOICE'];
if (Number(values.records)) {
  await write('crm.csv', 'id,kind,title,stage,amount,currency,responsible_email,created_at', Number(values.records), (i) => {
    const money = `${random(100_000)}.${10 + random(90)},EUR`;
    return `r${i},${KINDS[random(6)]},${LAST[random(20)]} order ${i},,${money},${address(random(people))},${day(2015, 3_900)}`;
  });
}

// All tasks are assigned to person 10 and created by person 11: the leaver of the handover benchmark.
if (Number(values.tasks)) {
  await write('tasks.csv', 'id,title,creator_email,responsible_email,participants,observers,status,created_at,deadline',
    Number(values.tasks), (i) => `t${i},Task ${i},${address(11)},${address(10)},,,PENDING,${day(2015, 3_900)},`);
}
