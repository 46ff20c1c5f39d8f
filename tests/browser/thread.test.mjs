// The thin thread through the whole house, as people see it: log in, be refused, search, read the
// ledger, be kept out, audit, stop, verify.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

import { Demonstration } from './demonstration.mjs';
import { Visitor } from './visitor.mjs';

const OFFICER = 'rowan.marsh';
const UNTRAINED = 'jo.tanner';
const AUDITOR = 'noor.adeyemi';
const ADMINISTRATOR = 'sam.okafor';
const CHIEF = 'ada.stone';
const CLERK = 'kit.dorsey';
const PLATE = 'DK48213';
/** Stands in the samples, where it is read as GT58896 with doubt. */
const DOUBTFUL_PLATE = 'GT53896';
const CASE = '26-01877';

test('the thread through the house', { timeout: 540_000 }, async (t) => {
  let demonstration;
  let visitor;
  let failed;
  t.after(async () => {
    await visitor?.leave();
    await demonstration?.remove();
  });

  /** One step of the way. Once one has failed, those after it are not tried. */
  const step = (name, does) =>
    t.test(name, async (inner) => {
      if (failed) return inner.skip(`because "${failed}" failed`);
      try {
        await does();
      } catch (error) {
        failed = name;
        await visitor?.photographFailure().catch(() => {});
        if (demonstration) console.log(`The demonstration said:\n${demonstration.said}`);
        throw error;
      }
    });

  const search = async (plate, number) => {
    await visitor.open('/search');
    await visitor.page.fill('input[name=plate]', plate);
    await visitor.page.selectOption('select[name=purpose]', 'crime');
    await visitor.page.fill('input[name=case]', number);
    await visitor.press('Search');
  };
  const contains = async (words, selector) => {
    const text = await visitor.text(selector);
    assert.ok(text.includes(words), `${visitor.at} should say "${words}". It says:\n${text}`);
  };
  /** Days around all that the samples show. */
  const days = () => {
    const day = (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
    return { before: day(-3), after: day(2) };
  };
  let picture;

  await step('the demonstration starts and gives its address', async () => {
    demonstration = await Demonstration.start();
    visitor = await Visitor.at(demonstration.address);
  });

  await step('the first page sends to the login, which says that it is a demonstration', async () => {
    await visitor.open('/');
    assert.equal(visitor.at, '/login');
    assert.match(await visitor.text(), /demonstration/i);
    for (const login of [OFFICER, UNTRAINED, AUDITOR]) {
      assert.equal(await visitor.count(`#demonstration-logins tr[data-login="${login}"]`), 1, `${login} is not listed`);
    }
    await visitor.photograph('login');
  });

  await step('pages inside send to the login before it', async () => {
    for (const inside of ['/search', '/ledger', '/training', '/station']) {
      await visitor.open(inside);
      assert.equal(visitor.at, '/login', `${inside} is open to somebody who has not logged in`);
    }
  });

  await step('a trained officer logs in and lands on the search', async () => {
    await visitor.logIn(OFFICER);
    assert.equal(visitor.at, '/search');
    assert.equal(await visitor.count('.sighting'), 0, 'sightings are shown before a search');
    await visitor.photograph('search');
  });

  await step('a search without a case is refused under 5(b) and shows nothing', async () => {
    await search(PLATE, '');
    await contains('5(b)', '.refusal');
    assert.equal(await visitor.count('.sighting'), 0, 'a refused search shows sightings');
    await visitor.photograph('refusal');
  });

  await step('with a case it shows every sighting, with its picture and its characters', async () => {
    await search(PLATE, CASE);
    const sightings = await visitor.count('.sighting');
    assert.ok(sightings >= 4, `${PLATE} stands in four samples or more; ${sightings} sightings are shown`);
    for (let i = 0; i < sightings; i += 1) {
      const one = `.sighting >> nth=${i}`;
      const pictures = await visitor.pictures(`${one} >> img`);
      assert.ok(pictures.length >= 1, `sighting ${i + 1} has no picture`);
      for (const { address, width } of pictures) assert.ok(width > 0, `the picture ${address} does not load`);
      picture = pictures[0].address;
      assert.equal(await visitor.count(`${one} >> .characters`), 1, `sighting ${i + 1} does not show its characters`);
      const characters = await visitor.count(`${one} >> .characters .character`);
      assert.equal(characters, PLATE.length, `sighting ${i + 1} shows ${characters} characters`);
    }
    await visitor.photograph('results');
  });

  await step('a plate that was read with doubt is found, and the doubt is shown', async () => {
    await search(DOUBTFUL_PLATE, CASE);
    assert.ok((await visitor.count('.sighting')) >= 1, `${DOUBTFUL_PLATE} is not found`);
    assert.ok((await visitor.count('.sighting .character.doubtful')) >= 1, 'no character is shown as doubtful');
    const loaded = await visitor.pictures('.sighting img');
    assert.ok(loaded.every(({ width }) => width > 0), 'a picture does not load');
    await visitor.photograph('doubtful');
  });

  await step('part of the plate finds the same sightings, and says which cameras cover the answer', async () => {
    await search('D?48*', CASE);
    const sightings = await visitor.count('.sighting');
    assert.ok(sightings >= 4, `part of ${PLATE} finds ${sightings} sightings`);
    await contains('cameras cover this', '.covered summary');
    await visitor.photograph('part-of-a-plate');
  });

  await step('what a search found is booked into evidence, and downloaded sealed for whom it is for', async () => {
    await search(PLATE, CASE);
    await visitor.open(await visitor.page.locator('a[href^="/evidence?read="]').first().getAttribute('href'));
    await visitor.page.fill('input[name=number]', '26-E-0412');
    await visitor.page.selectOption('select[name=purpose]', 'crime');
    await visitor.page.fill('input[name=case]', CASE);
    const recipient = "age1kzfkkdp2h0k2sxjx5yxqly67996etmazg24zdrzql9unmtjw9usqamrc8r Lena Voss, State's Attorney";
    await visitor.page.fill('textarea[name=recipients]', recipient);
    const download = visitor.page.waitForEvent('download');
    await visitor.page.getByRole('button', { name: 'Book and download' }).click();
    const file = await download;
    assert.equal(file.suggestedFilename(), 'evidence-26-E-0412.zip.age');
    const bytes = await readFile(await file.path());
    assert.ok(bytes.subarray(0, 40).toString('latin1').startsWith('age-encryption.org/v1\n-> X25519 '), 'it is not sealed');
    assert.ok(!bytes.includes('bagit.txt'), 'it is in the clear');
    await visitor.open('/evidence');
    await contains(`booked, sealed for ${recipient}`);
    await contains('packed, ');
    assert.equal(await visitor.page.inputValue('textarea[name=recipients]'), recipient, 'the next form knows them');
    await visitor.photograph('evidence');
  });

  await step('a canvass of two scenes shows the vehicle that was at both first', async () => {
    await visitor.open('/canvass');
    const scene = async (number, name, camera) => {
      const about = visitor.page.locator('details').filter({ has: visitor.page.locator(`input[name=scene${number}]`) });
      if (number > 1) await about.locator('summary').click();
      await about.locator(`input[name=scene${number}]`).fill(name);
      await about.locator(`input[name=from${number}]`).fill(`${days().before}T00:00`);
      await about.locator(`input[name=until${number}]`).fill(`${days().after}T00:00`);
      await about.locator(`input[value=${camera}]`).check();
    };
    await scene(1, 'Mill Bridge', 'mill-bridge');
    await scene(2, 'Depot Road', 'depot-road');
    await visitor.page.selectOption('select[name=purpose]', 'crime');
    await visitor.page.fill('input[name=case]', CASE);
    await visitor.press('Canvass');
    await contains('Mill Bridge and Depot Road', '.vehicle >> nth=0');
    const pictures = await visitor.pictures('.vehicle img');
    assert.ok(pictures.every(({ width }) => width > 0), 'a picture does not load');
    await visitor.photograph('canvass');
  });

  await step('the ledger tells the officer what was asked and what became of it', async () => {
    await visitor.open('/ledger');
    await contains(`asked for the reads of plate ${PLATE}`);
    await contains(`case ${CASE}`);
    await contains('Refused under 5(b)');
    await contains('Permitted under 3(b)');
    await visitor.photograph('ledger');
  });

  await step('after logging out nothing is open any more', async () => {
    await visitor.open('/search');
    await visitor.press('Log out');
    assert.equal(visitor.at, '/login');
    await visitor.open('/ledger');
    assert.equal(visitor.at, '/login', 'the ledger is open after logging out');
  });

  await step('an untrained member sees the training page, and no plate data', async () => {
    await visitor.logIn(UNTRAINED);
    assert.equal(visitor.at, '/training');
    await visitor.photograph('training');
    await visitor.open('/search');
    if (visitor.at !== '/training') await contains('3(d)', '.refusal');
    assert.equal(await visitor.count('.sighting'), 0, 'an untrained member sees sightings');
    const text = await visitor.text();
    for (const plate of [PLATE, DOUBTFUL_PLATE]) assert.ok(!text.includes(plate), `an untrained member sees ${plate}`);
  });

  await step('the address of an officer\'s picture opens nothing for another member', async () => {
    const answer = await visitor.page.request.get(picture);
    assert.ok(answer.status() >= 400, `${answer.status()} for an untrained member`);
    await visitor.open('/training');
    await visitor.press('Log out');
  });

  await step('the auditor sees what the officer did', async () => {
    await visitor.logIn(AUDITOR);
    await visitor.open('/ledger?scope=everyone');
    const lines = (await visitor.page.locator('main li').allTextContents()).map((line) => line.replaceAll(/\s+/g, ' '));
    const rowan = lines.filter((line) => line.includes('Rowan Marsh') && line.includes(`reads of plate ${PLATE}`));
    for (const decided of ['Permitted under 3(b)', 'Refused under 5(b)']) {
      assert.ok(rowan.some((line) => line.includes(decided)), `no line says that Rowan Marsh's search was "${decided}":\n${lines.join('\n')}`);
    }
    await visitor.photograph('ledger-everyone');
  });

  await step('the auditor reads the policy in force, with what was counted', async () => {
    await visitor.open('/policy');
    await contains('Nobody operates them or sees their data without having completed approved training');
    await contains('searches for: Criminal investigation');
    await visitor.photograph('policy');
    await visitor.press('Log out');
  });

  await step('the Chief cannot approve what comes from another state without a declaration', async () => {
    await visitor.logIn(CHIEF);
    await visitor.open('/requests');
    await visitor.photograph('requests');
    await visitor.open('/requests/2');
    await contains('no declaration of affirmation is on file');
    assert.equal(await visitor.count('button[value=approve]'), 0, 'the page offers what cannot be');
    await visitor.photograph('request-from-another-state');
    await visitor.open('/requests/3');
    await contains('ice (may be to detain or investigate somebody for their immigration status)');
    await visitor.open('/requests/4');
    await contains('Subpoena 26-CF-0114 of Circuit Court of Ashford County');
    await visitor.page.fill('textarea[name=why]', 'The court demands it');
    await visitor.press('Approve');
    await contains('no counsel is named who looked at it');
    await visitor.open('/requests/4');
    await visitor.photograph('lawful-demand');
    await visitor.open('/access');
    await contains('Rowan Marsh (badge');
    await contains('nothing yet: request 4 waits');
    await visitor.photograph('access');
    await visitor.open('/requests/1');
    await visitor.page.fill('textarea[name=why]', 'A homicide; the plate and the days are named');
    await visitor.press('Approve');
    await contains('Request 1 is approved.');
    await visitor.press('Log out');
  });

  await step('the clerk makes the package of what was approved', async () => {
    await visitor.logIn(CLERK);
    await visitor.open('/requests');
    await visitor.photograph('release-desk');
    await visitor.open('/requests/1');
    const download = visitor.page.waitForEvent('download');
    await visitor.page.getByRole('button', { name: 'Make the package' }).click();
    assert.equal((await download).suggestedFilename(), 'request-1.zip');
    await visitor.open('/requests/1');
    await contains('4 reads, SHA-256');
    await visitor.photograph('request-met');
    await visitor.press('Log out');
  });

  await step('the administrator sees the station', async () => {
    await visitor.logIn(ADMINISTRATOR);
    await visitor.open('/station');
    assert.equal(visitor.at, '/station');
    await contains('Rowan Marsh');
    await visitor.photograph('station');
    await visitor.open('/station/status');
    await visitor.photograph('status');
  });

  await step('what a camera sees comes to an open page of alerts by itself, and nothing else on it moves', async () => {
    const added = await visitor.page.request.post('/api/cameras', { data: { name: 'weir-lane', place: 'Weir Lane', class: '' } });
    assert.equal(added.status(), 200, await added.text());
    const key = (await added.json()).shown_once[0].value;
    const officer = await Visitor.at(demonstration.address);
    try {
      await officer.logIn(OFFICER);
      await officer.open('/alerts');
      await officer.page.getByText('Live: what comes in is shown here by itself.').waitFor();
      const where = () => officer.page.locator('main h2').evaluateAll((titles) => titles.map((title) => title.getBoundingClientRect().top));
      const before = await where();
      const seenAt = new Date(Date.now() - 5000).toISOString();
      const sent = await fetch(`${demonstration.address}/api/frames?seen_at=${seenAt}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'image/jpeg' },
        body: await readFile(new URL('../../samples/elm-and-3rd-1412.jpg', import.meta.url)),
      });
      assert.equal(sent.status, 200, await sent.text());
      await officer.page.locator('#just-in li').first().waitFor();
      assert.match(await officer.text('#just-in'), new RegExp(PLATE));
      assert.deepEqual(await where(), before);
      await officer.photograph('alerts-live');
      // The card takes keys once it is there whole.
      await Promise.all([officer.page.waitForEvent('load'), officer.page.locator('#just-in a').first().click()]);
      await officer.page.keyboard.press('a');
      await officer.page.getByText('took this alert').waitFor();
      await officer.photograph('alert-taken');
    } finally {
      visitor.complaints.push(...officer.complaints);
      await officer.leave();
    }
  });

  await step('the administrator makes a passkey on a device that knows them', async () => {
    await visitor.carryDevice();
    await visitor.open('/account');
    await visitor.page.fill('form[action="/account/passkeys/new"] input[name=name]', 'Phone');
    await visitor.page.fill('form[action="/account/passkeys/new"] input[name=current]', await visitor.password(ADMINISTRATOR));
    await visitor.press('Add a passkey');
    await visitor.photograph('passkey');
    await visitor.press('Make “Phone”');
    await contains('Your passkey is added');
    await contains('Phone', '[data-is=Passkey]');
    await visitor.photograph('account');
    await visitor.press('Log out');
  });

  await step('password and passkey let them in, and a device that does not know them does not', async () => {
    await visitor.deviceKnowsItsPerson(false);
    await visitor.logInWithPasskey(ADMINISTRATOR);
    await visitor.page.waitForFunction(() => document.querySelector('[data-passkey-said]').textContent !== '');
    assert.equal(visitor.at, '/login', 'somebody whom the device does not know came in');
    await visitor.deviceKnowsItsPerson(true);
    await Promise.all([visitor.page.waitForURL('**/search'), visitor.logInWithPasskey(ADMINISTRATOR)]);
    await visitor.open('/ledger');
    await contains('logged in with a passkey');
    await visitor.press('Log out');
  });

  await step('no page made an error, asked another host, broke its content policy or was wider than its window', () => {
    assert.ok(visitor.complaints.length === 0, visitor.complaints.join('\n'));
  });

  await step('it stops when told', async () => {
    await visitor.leave();
    visitor = undefined;
    assert.equal(await demonstration.stop(), 0, `it should exit 0. It said:\n${demonstration.said}`);
  });

  await step('the ledger is intact, and says how many entries it has', () => {
    const { status, said } = demonstration.verify();
    assert.equal(status, 0, said);
    assert.ok(Number(/(\d+) entries/.exec(said)?.[1]) > 0, said);
  });

  await step('one changed byte is found, and its entry named', async () => {
    const files = await demonstration.entryFiles();
    assert.ok(files.length > 0, 'no file of entries was found in the ledger');
    for (const file of files) {
      for (const share of [0.1, 0.5, 0.9]) {
        await demonstration.withByteFlipped(file, share, (at) => {
          const { status, said } = demonstration.verify();
          const what = `byte ${at} of ${file} was changed; verify said (${status}): ${said}`;
          assert.notEqual(status, 0, what);
          assert.match(said, /entry \d+/i, what);
        });
      }
    }
    assert.equal(demonstration.verify().status, 0, 'with the bytes put back, the ledger should be intact');
  });
});
