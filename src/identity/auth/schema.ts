// The body of POST /v3/auth/tokens.
import { type Static, Type } from '@sinclair/typebox';

const domain = Type.Object({ id: Type.Optional(Type.String()), name: Type.Optional(Type.String()) });
const userRef = {
  id: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  domain: Type.Optional(domain),
};

export const userSchema = Type.Object(userRef);
export type UserReference = Static<typeof userSchema>;

const projectScope = Type.Object({
  id: Type.Optional(Type.String()),
  name: Type.Optional(Type.String()),
  domain: Type.Optional(domain),
});

export const scopeSchema = Type.Union([
  Type.Literal('unscoped'),
  Type.Object({
    project: Type.Optional(projectScope),
    domain: Type.Optional(domain),
    'OS-TRUST:trust': Type.Optional(Type.Object({ id: Type.String() })),
    system: Type.Optional(Type.Object({ all: Type.Boolean() })),
    unscoped: Type.Optional(Type.Object({})),
  }),
]);
export type ScopeRequest = Static<typeof scopeSchema>;

export const authSchema = Type.Object({
  auth: Type.Object({
    identity: Type.Object({
      methods: Type.Array(Type.String(), { minItems: 1 }),
      password: Type.Optional(Type.Object({ user: Type.Object({ ...userRef, password: Type.String() }) })),
      token: Type.Optional(Type.Object({ id: Type.String() })),
      totp: Type.Optional(Type.Object({ user: Type.Object({ ...userRef, passcode: Type.String() }) })),
      application_credential: Type.Optional(
        Type.Object({
          id: Type.Optional(Type.String()),
          name: Type.Optional(Type.String()),
          secret: Type.String(),
          user: Type.Optional(userSchema),
        }),
      ),
    }),
    scope: Type.Optional(scopeSchema),
  }),
});
export type AuthRequest = Static<typeof authSchema>;
