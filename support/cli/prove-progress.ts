/** Shows what is going on: in a terminal as one line below all others, else not at all. */
export class ProveProgress implements Disposable {
  readonly #shown: boolean
  readonly #stream: NodeJS.WriteStream
  readonly #running = new Map<number, string>()
  #head = ''

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    this.#shown = stream.isTTY === true
  }

  /** What goes on as a whole, such as `12 of 97 faults`. */
  set head(text: string) {
    this.#head = text
    this.#show()
  }

  /** What runs on one of the labs. */
  begin(lab: number, what: string): void {
    this.#running.set(lab, what)
    this.#show()
  }

  end(lab: number): void {
    this.#running.delete(lab)
    this.#show()
  }

  /** Writes a line that stays. */
  print(line: string): void {
    this.#clear()
    process.stdout.write(`${line}\n`)
    this.#show()
  }

  /** Tells how it goes, beside the results. */
  tell(line: string): void {
    this.#clear()
    this.#stream.write(`${line}\n`)
    this.#show()
  }

  [Symbol.dispose](): void {
    this.#head = ''
    this.#running.clear()
    this.#clear()
  }

  #show(): void {
    if (!this.#shown || this.#head === '') return
    const parts = [...this.#running].sort(([a], [b]) => a - b).map(([lab, what]) => `lab ${lab + 1}: ${what}`)
    this.#stream.write(`\r\u001b[K${[this.#head, ...parts].join('  ').slice(0, this.#stream.columns - 1)}`)
  }

  #clear(): void {
    if (this.#shown) this.#stream.write('\r\u001b[K')
  }
}
