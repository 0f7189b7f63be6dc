// Buttons that copy: [data-copy] holds the text.

function copyOldWay(text) {
  const area = document.createElement('textarea');
  area.value = text;
  area.className = 'offscreen';
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyOldWay(text);  // where a page from a file may not use the clipboard's interface
  }
}

function say(text) {
  document.getElementById('said').textContent = text;
}

export function serveCopyButtons() {
  document.documentElement.classList.add('scripted');
  document.addEventListener('click', async (event) => {
    const button = event.target.closest?.('[data-copy]');
    if (!button) {
      return;
    }
    const done = await copy(button.dataset.copy);
    button.focus();
    say(done ? 'Copied to the clipboard' : 'The browser refuses to copy');
    button.classList.toggle('copied', done);
    setTimeout(() => button.classList.remove('copied'), 2000);
  });
}
