// Resource types: their schemas as data, for the template language and for the API that shows them.

export { describeType, sampleTemplate } from './schemas/describe.ts';
export { resourceTypes } from './schemas/index.ts';
