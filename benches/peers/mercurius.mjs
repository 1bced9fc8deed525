// The page served by a well-built Node.js server: Fastify, Mercurius with JIT, loaders, prepared statements; it verifies
// the token and loads the user of each request. Configured by DATABASE_URL, JWT_SECRET and PORT.
import jwt from '@fastify/jwt';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import pg from 'pg';

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });
const app = Fastify({ logger: false });
await app.register(jwt, { secret: process.env.JWT_SECRET });

const schema = `
  type Department { id: ID! name: String! }
  enum Role { ADMINISTRATOR EMPLOYEE }
  enum UserStatus { INVITED ACTIVE DISMISSED }
  type User { id: ID! email: String! name: String! position: String role: Role! status: UserStatus! hiredOn: String department: Department }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type UserConnection { nodes: [User!]! pageInfo: PageInfo! }
  type Query { users(dismissed: Boolean!, first: Int!, after: String): UserConnection! }
`;

const COLUMNS = `id, email, given_name, family_name, position, role, status, to_char(hired_on, 'YYYY-MM-DD') AS hired_on,
  department_id, sort_name`;
const page = async (first, after) => {
  const [name, id] = after ? JSON.parse(Buffer.from(after, 'base64url').toString()) : [];
  const { rows } = after
    ? await pool.query({
      name: 'next',
      text: `SELECT ${COLUMNS} FROM users WHERE status = 'DISMISSED' AND (sort_name, id) > ($1, $2)
             ORDER BY sort_name, id LIMIT $3`,
      values: [name, id, first + 1],
    })
    : await pool.query({
      name: 'first',
      text: `SELECT ${COLUMNS} FROM users WHERE status = 'DISMISSED' ORDER BY sort_name, id LIMIT $1`,
      values: [first + 1],
    });
  const nodes = rows.slice(0, first);
  const last = nodes.at(-1);
  return {
    nodes,
    pageInfo: {
      hasNextPage: rows.length > first,
      endCursor: last && Buffer.from(JSON.stringify([last.sort_name, last.id])).toString('base64url'),
    },
  };
};

const resolvers = {
  Query: {
    users: (_, { first, after }, { caller }) => {
      if (caller.role !== 'ADMINISTRATOR') throw new Error('forbidden');
      return page(first, after);
    },
  },
  User: {
    name: (user) => [user.given_name, user.family_name].filter(Boolean).join(' ') || user.email,
    hiredOn: (user) => user.hired_on,
  },
};

const loaders = {
  User: {
    department: async (queries) => {
      const ids = [...new Set(queries.map(({ obj }) => obj.department_id).filter(Boolean))];
      const { rows } = await pool.query({
        name: 'departments',
        text: 'SELECT id, name FROM departments WHERE id = ANY($1)',
        values: [ids],
      });
      const found = new Map(rows.map((row) => [row.id, row]));
      return queries.map(({ obj }) => found.get(obj.department_id) ?? null);
    },
  },
};

await app.register(mercurius, {
  schema,
  resolvers,
  loaders,
  jit: 1,
  context: async (request) => {
    const { sub } = await request.jwtVerify();
    const { rows } = await pool.query({
      name: 'caller',
      text: "SELECT id, email, role FROM users WHERE id = $1 AND status = 'ACTIVE'",
      values: [sub],
    });
    if (!rows.length) throw new Error('unauthenticated');
    return { caller: rows[0] };
  },
});

await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
