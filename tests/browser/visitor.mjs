// Somebody at the station's pages: a browser that logs in, takes pictures of what it sees, and
// keeps a list of everything that a page did wrong.

import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';

import { chromium } from 'playwright-core';

const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium';
const SCREENSHOTS = path.resolve(
  process.env.SCREENSHOTS ?? path.join(import.meta.dirname, '../../target/screenshots'),
);
/** What was to be seen when a step failed. */
const FAILURE = path.join(SCREENSHOTS, 'failed.png');
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Whatever a page might ask for elsewhere cannot be reached.
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost',
];
const WIDTHS = [1280, 320];
const SCHEMES = ['light', 'dark'];
/** How long a page may take; generous, as the machine may be building meanwhile. */
const PATIENCE_MS = 20_000;
/** A code is good for half a minute. */
const NEXT_CODE_MS = 35_000;

/** Somebody with a browser window of their own. */
export class Visitor {
  #address;
  #browser;
  #devtools;
  #device;
  #refusedDocuments = new Set();
  /** What pages did wrong: errors, failed requests, requests to elsewhere. */
  complaints = [];

  static async at(address) {
    const visitor = new Visitor();
    visitor.#address = address;
    await rm(FAILURE, { force: true });
    visitor.#browser = await chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
    const context = await visitor.#browser.newContext({ baseURL: address, viewport: { width: WIDTHS[0], height: 800 } });
    context.setDefaultTimeout(PATIENCE_MS);
    await context.addInitScript(() => {
      document.addEventListener('securitypolicyviolation', (event) => {
        console.error(`content security policy: ${event.violatedDirective} forbids ${event.blockedURI || 'inline'}`);
      });
    });
    visitor.page = await context.newPage();
    visitor.#watch(context);
    return visitor;
  }

  #watch(context) {
    const complain = (words) => this.complaints.push(`${words} (on ${this.page.url()})`);
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== this.#address && !['data:', 'blob:'].includes(url.protocol)) {
        complain(`a request to another host: ${request.url()}`);
      }
    });
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText;
      // What the browser gives up because the visitor has gone on to the next page is no fault.
      if (why !== 'net::ERR_ABORTED') complain(`request failed: ${request.url()}: ${why}`);
    });
    context.on('weberror', (error) => complain(`error in the page: ${error.error().message}`));
    context.on('response', (response) => {
      const isPage = response.request().isNavigationRequest();
      if (isPage && response.status() >= 400) this.#refusedDocuments.add(response.url());
      if (!isPage && response.status() >= 400) complain(`${response.status()} for ${response.url()}`);
      if (isPage && response.status() < 300 && !response.headers()['content-security-policy']) {
        complain(`no content security policy on ${response.url()}`);
      }
    });
    context.on('console', (message) => {
      if (!['error', 'warning'].includes(message.type())) return;
      // A page that is refused says so by its status, which Chromium notes as an error.
      const about = message.location().url;
      if (this.#refusedDocuments.has(about) && message.text().startsWith('Failed to load resource')) return;
      complain(`console ${message.type()}: ${message.text()}: ${about}`);
    });
  }

  /** Opens a page by its path. */
  async open(where) {
    return this.page.goto(where, { waitUntil: 'load' });
  }

  /** Presses a button, and waits for the page that follows. */
  async press(name) {
    const here = this.page.getByRole('main').or(this.page.locator('body')).first();
    const button = here.getByRole('button', { name, exact: true });
    assert.equal(await button.count(), 1, `there should be one button "${name}" on ${this.page.url()}`);
    await Promise.all([this.page.waitForEvent('load'), button.click()]);
  }

  /** The path of the page that is open. */
  get at() {
    return new URL(this.page.url()).pathname;
  }

  /** The page's text, or that of the elements that `selector` names, with single spaces. */
  async text(selector = 'body') {
    const texts = await this.page.locator(selector).allTextContents();
    return texts.join(' ').replaceAll(/\s+/g, ' ').trim();
  }

  /** How many elements `selector` names. */
  async count(selector) {
    return this.page.locator(selector).count();
  }

  /** Logs in as one of the members whom the demonstration's login page names. */
  async logIn(login) {
    const deadline = Date.now() + NEXT_CODE_MS;
    let used;
    for (;;) {
      await this.open('/login');
      const row = this.page.locator(`#demonstration-logins tr[data-login="${login}"]`);
      assert.equal(await row.count(), 1, `the login page should name the login ${login}`);
      const shown = async (name) => (await row.locator(`.${name}`).textContent()).trim();
      const code = await shown('code');
      if (code === used) {
        assert.ok(Date.now() < deadline, `${login} was given no new code in ${NEXT_CODE_MS / 1000} s`);
        await this.page.waitForTimeout(1000);
        continue;
      }
      await this.page.fill('input[name=login]', await shown('login'));
      await this.page.fill('input[name=password]', await shown('password'));
      await this.page.fill('input[name=code]', code);
      await this.page.check('input[name=acknowledged]');
      await this.press('Log in');
      if (this.at !== '/login') return;
      const said = await this.text('[role=alert]');
      assert.match(said, /used already/, `${login} should be let in; the page says "${said || (await this.text())}"`);
      assert.equal(used, undefined, `${login}'s next code, too, is called used`);
      used = code;
    }
  }

  /** The password that the demonstration's login page shows for a member. */
  async password(login) {
    const answer = await this.page.context().browser().newContext({ baseURL: this.#address });
    const page = await answer.newPage();
    await page.goto('/login');
    const shown = await page.locator(`#demonstration-logins tr[data-login="${login}"] .password`).textContent();
    await answer.close();
    return shown.trim();
  }

  /** From here on the visitor carries a device that keeps passkeys and knows its person. */
  async carryDevice() {
    this.#devtools = await this.page.context().newCDPSession(this.page);
    await this.#devtools.send('WebAuthn.enable');
    const { authenticatorId } = await this.#devtools.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    this.#device = authenticatorId;
  }

  /** Whether the device takes whoever holds it for its person. */
  async deviceKnowsItsPerson(isUserVerified) {
    await this.#devtools.send('WebAuthn.setUserVerified', { authenticatorId: this.#device, isUserVerified });
  }

  /** Shows password and passkey at the login; what follows is not waited for. */
  async logInWithPasskey(login) {
    await this.open('/login');
    await this.page.fill('input[name=login]', login);
    await this.page.fill('input[name=password]', await this.password(login));
    await this.page.check('input[name=acknowledged]');
    await this.page.getByRole('button', { name: 'Log in with a passkey in place of the code' }).click();
  }

  /** Every picture that `selector` names: its address, and its width in pixels once loaded, else 0. */
  async pictures(selector) {
    return this.page.locator(selector).evaluateAll((images) =>
      Promise.all(
        images.map((image) =>
          image.decode().then(
            () => ({ address: image.currentSrc, width: image.naturalWidth }),
            () => ({ address: image.currentSrc, width: 0 }),
          ),
        ),
      ),
    );
  }

  /** Keeps pictures of the whole page, wide and narrow, light and dark, and sees that it fits. */
  async photograph(name) {
    await mkdir(SCREENSHOTS, { recursive: true });
    for (const width of WIDTHS) {
      await this.page.setViewportSize({ width, height: 800 });
      for (const colorScheme of SCHEMES) {
        await this.page.emulateMedia({ colorScheme });
        await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}-${width}-${colorScheme}.png`), fullPage: true });
      }
      const needed = await this.page.evaluate(() => document.documentElement.scrollWidth);
      if (needed > width) this.complaints.push(`${name} is ${needed} px wide in a window of ${width} px`);
    }
    await this.page.setViewportSize({ width: WIDTHS[0], height: 800 });
    await this.page.emulateMedia({ colorScheme: SCHEMES[0] });
  }

  /** Keeps one picture of what can be seen now, for whoever looks into a failure. */
  async photographFailure() {
    await mkdir(SCREENSHOTS, { recursive: true });
    await this.page.screenshot({ path: FAILURE, fullPage: true });
  }

  async leave() {
    await this.#browser.close();
  }
}
