// Has the browser make a passkey, or sign with one, and sends what it answers with the form that the
// button stands in. What is wanted stands with the button, as the station wrote it.
'use strict';

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

async function make(wanted, { login, name }) {
  const made = await navigator.credentials.create({
    publicKey: {
      challenge: bytes(wanted.challenge),
      rp: { id: wanted.rpId, name: 'Lictor' },
      user: { id: bytes(wanted.user), name: login, displayName: name },
      pubKeyCredParams: wanted.algorithms.map((alg) => ({ type: 'public-key', alg })),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
      attestation: 'none',
    },
  });
  return {
    id: text(made.rawId),
    clientDataJSON: text(made.response.clientDataJSON),
    attestationObject: text(made.response.attestationObject),
  };
}

async function sign(wanted) {
  const signed = await navigator.credentials.get({
    publicKey: { challenge: bytes(wanted.challenge), rpId: wanted.rpId, userVerification: 'required' },
  });
  return {
    id: text(signed.rawId),
    clientDataJSON: text(signed.response.clientDataJSON),
    authenticatorData: text(signed.response.authenticatorData),
    signature: text(signed.response.signature),
    userHandle: signed.response.userHandle && text(signed.response.userHandle),
  };
}

for (const button of document.querySelectorAll('button[data-passkey]')) {
  if (!window.PublicKeyCredential) continue;
  const form = button.form;
  const said = form.querySelector('[data-passkey-said]');
  button.hidden = false;
  button.addEventListener('click', async () => {
    said.textContent = '';
    // The passkey stands in the place of a code.
    const inPlaceOf = form.querySelector('[data-passkey-replaces]');
    const required = inPlaceOf?.required;
    if (inPlaceOf) inPlaceOf.required = false;
    const complete = form.reportValidity();
    if (inPlaceOf) inPlaceOf.required = required;
    if (!complete) return;
    const wanted = JSON.parse(button.dataset.wanted);
    button.disabled = true;
    try {
      const answer = button.dataset.passkey === 'make' ? await make(wanted, button.dataset) : await sign(wanted);
      form.elements.passkey.value = JSON.stringify(answer);
      form.submit();
    } catch (error) {
      said.textContent =
        error.name === 'InvalidStateError'
          ? 'This device has a passkey for you already.'
          : 'The browser has no passkey to show, or you broke it off. A code does as well.';
      button.disabled = false;
    }
  });
}
