/**
 * Gives tasks to workers, each of which does one after the other; the results come in the order of the tasks.
 * @throws the first error, when every worker has stopped
 */
export async function spread<Worker, Task, Result>(
  workers: readonly Worker[],
  tasks: readonly Task[],
  work: (worker: Worker, task: Task, number: number) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<number, Result>()
  const errors: unknown[] = []
  let next = 0
  await Promise.all(
    workers.map(async (worker, number) => {
      while (next < tasks.length && errors.length === 0) {
        const index = next
        next += 1
        try {
          results.set(index, await work(worker, tasks[index] as Task, number))
        } catch (error) {
          errors.push(error)
        }
      }
    }),
  )
  if (errors.length > 0) throw errors[0]
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result)
}
