// Validation, resource types and template versions of Heat's API.
import { Type } from '@sinclair/typebox';
import { json, type Route, route } from '../../openstack/index.ts';
import { errors } from '../errors.ts';
import { resourceTypes } from '../resources/index.ts';
import { templateErrors } from '../service.ts';
import { answerConstraints, type ConstraintQuestions } from '../stack/constraints.ts';
import type { GraphSource } from '../stack/graph-source.ts';
import { templateVersions } from '../template/index.ts';
import { projectOf, wholeInputs } from './request.ts';
import { sampleTemplate } from './sample-template.ts';
import { templateFunctions } from './template-functions.data.ts';

const validateBody = Type.Object(
  {
    template: Type.Optional(Type.Unknown()),
    template_url: Type.Optional(Type.Union([Type.String(), Type.Null()])),
    environment: Type.Optional(Type.Unknown()),
    environment_files: Type.Optional(Type.Union([Type.Array(Type.String()), Type.Null()])),
    files: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
    parameters: Type.Optional(Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()])),
  },
  { additionalProperties: true },
);

export function templateRoutes(graphs: GraphSource, questions: ConstraintQuestions): Route[] {
  return [
    route({
      method: 'POST',
      path: '/v1/:tenant/validate',
      policy: 'stacks:validate_template',
      summary: 'Checks a template and shows its parameters',
      body: validateBody,
      handler: async (request) => {
        projectOf(request);
        const inputs = wholeInputs(request.body);
        const showNested = request.search.get('show_nested')?.toLowerCase() === 'true';
        const ignoreErrors = request.search.get('ignore_errors')?.split(',').filter(Boolean) ?? [];
        const options = { showNested, ignoreErrors };
        const customs = await answerConstraints(questions, request.context.caller, (listen) =>
          graphs.validate(inputs, listen, options),
        );
        return json(templateErrors(() => graphs.validate(inputs, customs, options)));
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/resource_types',
      policy: 'stacks:list_resource_types',
      summary: 'Lists resource types',
      handler: (request) => {
        const name = request.search.get('name');
        const names = [...resourceTypes.names()].filter((type) => name === null || type.includes(name)).sort();
        return json({ resource_types: names });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/resource_types/:type',
      policy: 'stacks:resource_schema',
      summary: 'Shows the schema of a resource type',
      handler: (request) => {
        const type = request.params.type ?? '';
        const data = resourceTypes.get(type);
        if (!data) throw errors.EntityNotFound('Resource Type', type);
        return json({
          resource_type: type,
          properties: data.properties,
          attributes: data.attributes,
          support_status: data.support ?? { status: 'SUPPORTED', version: null, message: null, previous_status: null },
        });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/template_versions',
      policy: 'stacks:list_template_versions',
      summary: 'Lists template versions',
      handler: () =>
        json({
          template_versions: templateVersions().map(({ key, version }) => ({
            version: `${key}.${version}`,
            type: key === 'heat_template_version' ? 'hot' : 'cfn',
            aliases: [],
          })),
        }),
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/template_versions/:version/functions',
      policy: 'stacks:list_template_functions',
      summary: 'Lists the functions of a template version; with_condition_func=true those of conditions too',
      handler: ({ params, search }) => {
        const wanted = params.version ?? '';
        const found = templateVersions().find(({ key, version }) => `${key}.${version}` === wanted);
        if (!found) throw errors.EntityNotFound('Template Version', wanted);
        const conditions = search.get('with_condition_func')?.toLowerCase() === 'true' ? found.conditionFunctions : [];
        const names = [...new Set([...found.functions, ...conditions])].sort();
        return json({
          template_functions: names.map((name) => ({ functions: name, description: templateFunctions[name] ?? '' })),
        });
      },
    }),
    route({
      method: 'GET',
      path: '/v1/:tenant/resource_types/:type/template',
      policy: 'stacks:generate_template',
      summary: 'Makes a template with one resource of the type, its properties as parameters',
      handler: ({ params, search }) => {
        const type = params.type ?? '';
        const data = resourceTypes.get(type);
        if (!data) throw errors.EntityNotFound('Resource Type', type);
        return json(sampleTemplate(type, data, search.get('template_type') ?? 'cfn'));
      },
    }),
  ];
}
