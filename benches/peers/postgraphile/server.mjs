// The page served by PostGraphile 4 as documented: the library in a Node.js HTTP server, with a token for the role.
import { createServer } from 'node:http';
import { postgraphile } from 'postgraphile';

const handler = postgraphile(
  { connectionString: process.env.DATABASE_URL, max: 16 },
  'public',
  {
    jwtSecret: process.env.JWT_SECRET,
    jwtVerifyOptions: { audience: null },
    dynamicJson: true,
    legacyRelations: 'omit',
    simpleCollections: 'omit',
    setofFunctionsContainNulls: false,
    ignoreRBAC: true,
    disableQueryLog: true,
    graphiql: false,
  },
);
createServer(handler).listen(Number(process.env.PORT), '127.0.0.1');
