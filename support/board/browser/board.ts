/** Runs in the reader's browser: filters the requirements, keeps the filters in the address, opens what it names. */

const form = document.querySelector<HTMLFormElement>('#filters')
const count = document.querySelector<HTMLElement>('#count')
const nothing = document.querySelector<HTMLElement>('#nothing')
const main = document.querySelector<HTMLElement>('main')
const sections = [...document.querySelectorAll<HTMLElement>('section.document')]
const requirements = [...document.querySelectorAll<HTMLDetailsElement>('details.requirement')]
const names = ['document', 'system', 'kind', 'verdict', 'proof', 'later']
const texts = new Map<Element, string>()

function fields(): Map<string, HTMLInputElement | HTMLSelectElement> {
  const elements = [...(form?.elements ?? [])]
  const named = elements.filter(element => element instanceof HTMLInputElement || element instanceof HTMLSelectElement)
  return new Map(named.map(element => [element.name, element]))
}

function figure(number: number): string {
  return number.toLocaleString('en-US')
}

function textOf(element: Element): string {
  const text = texts.get(element) ?? (element.textContent ?? '').toLowerCase()
  texts.set(element, text)
  return text
}

/** What is asked for now: only what is not left at "all". */
function asked(): Map<string, string> {
  return new Map(
    [...fields()]
      .map(([name, { value }]): [string, string] => [name, value.trim()])
      .filter(([, value]) => value !== ''),
  )
}

function isAskedFor(requirement: HTMLElement, filters: ReadonlyMap<string, string>): boolean {
  const words = (filters.get('words') ?? '').toLowerCase().split(/\s+/)
  return (
    names.every(name => {
      const value = filters.get(name)
      const own = requirement.dataset[name] ?? ''
      // A requirement may be about several systems; all else is one thing, of one word or more.
      return value === undefined || (name === 'system' ? own.split(' ').includes(value) : own === value)
    }) && words.every(word => word === '' || textOf(requirement).includes(word))
  )
}

function show(): void {
  const filters = asked()
  let shown = 0
  for (const section of sections) {
    const own = [...section.querySelectorAll<HTMLElement>('details.requirement')]
    let ofSection = 0
    for (const requirement of own) {
      requirement.hidden = !isAskedFor(requirement, filters)
      if (!requirement.hidden) ofSection += 1
    }
    section.hidden = ofSection === 0
    const told = section.querySelector('.shown')
    if (told !== null) told.textContent = ofSection === own.length ? `${own.length}` : `${ofSection} of ${own.length}`
    shown += ofSection
  }
  if (nothing !== null) nothing.hidden = shown > 0
  if (count !== null) count.textContent = `${figure(shown)} of ${figure(requirements.length)} requirements`
}

/** The address tells what is shown, so that it can be passed on; each step back leads to what was shown before. */
function remember(): void {
  const hash = new URLSearchParams([...asked()]).toString()
  if (hash !== location.hash.slice(1))
    history.replaceState(null, '', hash === '' ? location.pathname + location.search : `#${hash}`)
}

function obey(): void {
  const hash = location.hash.slice(1)
  // A plain anchor, such as that of the requirements, asks for nothing.
  if (hash !== '' && !hash.includes('=')) return
  const parameters = new URLSearchParams(hash)
  for (const [name, field] of fields()) field.value = parameters.get(name) ?? ''
  show()
  const opened = document.getElementById(parameters.get('open') ?? '')
  if (opened instanceof HTMLDetailsElement) {
    opened.open = true
    opened.scrollIntoView({ block: 'start' })
    opened.querySelector('summary')?.focus({ preventScroll: true })
  }
}

form?.addEventListener('input', () => {
  show()
  remember()
})
form?.addEventListener('reset', () => {
  // The fields are emptied after this event.
  queueMicrotask(() => {
    for (const field of fields().values()) field.value = ''
    show()
    remember()
    fields().get('words')?.focus()
  })
})
form?.addEventListener('submit', event => {
  event.preventDefault()
  main?.focus()
})
document.addEventListener('keydown', event => {
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement
  if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return
  event.preventDefault()
  fields().get('words')?.focus()
})
window.addEventListener('hashchange', obey)
show()
obey()
