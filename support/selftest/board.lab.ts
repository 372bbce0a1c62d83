import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import axe from 'axe-core'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { writeReports } from '../board/testing/reports.ts'
import { loadRegistry } from '../requirements/registry.ts'
import { Command } from './command.ts'

const program = findChromium()
const skip = program === undefined ? 'there is no chromium on the path' : false
/** Where screenshots go, for people to look at; none are made without it. */
const pictures = process.env.BOARD_PICTURES

const widths = { desk: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } } as const
const requirement = 'tempo-mimir.006.1'
/** As the page writes how many there are. */
const all = loadRegistry().requirements.length.toLocaleString('en')

describe('the board in a browser', { skip, timeout: 120_000 }, () => {
  const reports = mkdtempSync(join(tmpdir(), 'board-'))
  const file = join(reports, 'board', 'index.html')
  const url = pathToFileURL(file).href
  let browser: Browser
  before(async () => {
    writeReports(reports)
    const script = join(import.meta.dirname, '../cli/board.ts')
    const command = new Command(process.execPath, [script, '--reports', reports], process.env, reports)
    const { code, stderr } = await command.ended
    assert.equal(code, 0, stderr)
    browser = await chromium.launch({ executablePath: program ?? '', args: ['--no-sandbox'] })
  })
  after(async () => {
    await browser?.close()
    rmSync(reports, { recursive: true, force: true })
  })

  for (const [name, viewport] of Object.entries(widths)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      it(`filters and opens one requirement by keyboard, on a ${name} in the ${colorScheme}`, async () => {
        await using context = await browser.newContext({ viewport, colorScheme, offline: true })
        const page = await context.newPage()
        const troubles: string[] = []
        page.on('console', message => message.type() === 'error' && troubles.push(message.text()))
        page.on('pageerror', error => troubles.push(String(error)))
        page.on('request', request => request.url() !== url && troubles.push(`asks for ${request.url()}`))
        await page.goto(url)
        await picture(page, `${name}-${colorScheme}-all`)

        await page.keyboard.press('/')
        await page.keyboard.type('queried by')
        await page.getByRole('combobox', { name: /^System/ }).selectOption('tempo')
        const shown = page.locator('details.requirement:visible')
        const count = await shown.count()
        assert.ok(count > 1 && count < 60, `${count} shown`)
        assert.equal(await page.getByRole('status').textContent(), `${count} of ${all} requirements`)
        await page.getByLabel('Words').fill(requirement)
        await page.locator('main').press('Enter')
        await page.getByLabel('Words').focus()
        await tabTo(page, requirement)
        await page.keyboard.press('Enter')
        const opened = page.locator(`details[id="${requirement}"]`)
        assert.equal(await opened.getAttribute('open'), '')
        for (const told of ['Source', 'features/tempo/query.feature', 'Headroom', 'noticed', '2026-10-25']) {
          assert.ok((await opened.innerText()).includes(told), `${told} is not told`)
        }
        assert.equal(await opened.locator('.history li').count(), 20)
        await opened.scrollIntoViewIfNeeded()
        await picture(page, `${name}-${colorScheme}-open`, opened)
        const before = await shown.count()

        await page.reload()
        assert.equal(await page.getByLabel('Words').inputValue(), requirement)
        assert.equal(await page.getByRole('combobox', { name: /^System/ }).inputValue(), 'tempo')
        assert.equal(await shown.count(), before)
        const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
        assert.equal(wide, 0, 'it is wider than the window')
        assert.deepEqual(troubles, [])
      })
    }
  }

  for (const [name, colorScheme] of [
    ['desk', 'light'],
    ['phone', 'dark'],
  ] as const) {
    it(`has nothing that keeps anybody from using it, on a ${name} in the ${colorScheme}`, async () => {
      await using context = await browser.newContext({
        viewport: widths[name],
        colorScheme,
        offline: true,
        bypassCSP: true,
      })
      const page = await context.newPage()
      await page.goto(`${url}#words=${requirement}&open=${requirement}`)
      await page.addScriptTag({ content: axe.source })
      const { violations } = (await page.evaluate('axe.run()')) as { violations: { id: string; nodes: unknown[] }[] }
      assert.deepEqual(
        violations.map(({ id, nodes }) => `${id}: ${JSON.stringify(nodes).slice(0, 400)}`),
        [],
      )
    })
  }

  it('opens what its address names, and tells where nothing is like the filters', async () => {
    await using context = await browser.newContext({ viewport: widths.desk })
    const page = await context.newPage()
    await page.goto(`${url}#open=thanos.T152.1`)
    assert.equal(await page.locator('details[id="thanos.T152.1"]').getAttribute('open'), '')
    assert.equal(await page.evaluate('document.activeElement.parentElement.id'), 'thanos.T152.1')
    await page.getByLabel('Words').fill('there is no such requirement')
    assert.equal(await page.getByRole('status').textContent(), `0 of ${all} requirements`)
    await page.getByRole('button', { name: 'Show all of them' }).click()
    assert.equal(await page.getByRole('status').textContent(), `${all} of ${all} requirements`)
    await page.getByRole('link', { name: 'Parseable' }).first().click()
    assert.match((await page.getByRole('status').textContent()) ?? '', /^136 of /)
  })
})

/** Presses Tab until this requirement has the focus. */
async function tabTo(page: Page, id: string): Promise<void> {
  for (let presses = 0; presses < 20; presses += 1) {
    await page.keyboard.press('Tab')
    if ((await page.evaluate('document.activeElement.parentElement?.id')) === id) return
  }
  assert.fail(`${id} is not reached within 20 presses of Tab`)
}

async function picture(page: Page, name: string, part: Pick<Locator, 'screenshot'> = page): Promise<void> {
  if (pictures !== undefined) await part.screenshot({ path: join(pictures, `${name}.png`) })
}

function findChromium(): string | undefined {
  try {
    return execFileSync('which', ['chromium'], { encoding: 'utf8' }).trim()
  } catch {
    return undefined
  }
}
