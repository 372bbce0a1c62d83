import { z } from 'zod'
import { type Systems, sectionSchema } from './schema.ts'

/** The JSON Schema of a file of requirements, for editors (`# yaml-language-server: $schema=...`), ready to be written. */
export function sectionJsonSchema(systems: Systems): string {
  const schema = z.toJSONSchema(sectionSchema, {
    io: 'input',
    // Which systems there are stands in another file, which the schema of the code does not know.
    override: ({ jsonSchema, path }) => {
      if (path.join('/').endsWith('systems/items')) jsonSchema.enum = Object.keys(systems)
    },
  })
  return `${JSON.stringify({ title: 'Requirements of one section of a document', ...schema }, null, 2)}\n`
}
