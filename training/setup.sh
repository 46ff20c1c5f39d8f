#!/usr/bin/env bash
# Prepares everything that rendering and training need and that is not kept in
# the repository: a Python environment and the fonts.
#
#   ./setup.sh            fonts, Python packages, torch (about 6 GB of disk)
#   ./setup.sh --no-torch fonts and Python packages only: enough for rendering
#                         samples and for evaluating the exported networks
#
# Everything goes to $LICTOR_TRAINING (default: ~/lictor-training).
# Running it again changes nothing that is already there.
set -euo pipefail
here="$(cd "$(dirname "$0")" && pwd)"
home="${LICTOR_TRAINING:-$HOME/lictor-training}"
mkdir -p "$home"

# --- Python -----------------------------------------------------------------
[ -x "$home/venv/bin/python" ] || python3 -m venv "$home/venv"
if [ "${1:-}" = "--no-torch" ]; then
    grep -v '^torch' "$here/requirements.txt" > "$home/requirements.txt"
else
    cp "$here/requirements.txt" "$home/requirements.txt"
fi
"$home/venv/bin/pip" install --quiet --disable-pip-version-check -r "$home/requirements.txt"

# --- fonts from npm: @fontsource packages, all under OFL-1.1 ------------------
# name:weights
fontsource="
antonio:400,600,700 archivo-narrow:500,600,700 b612-mono:400,700
barlow-condensed:400,500,600 barlow-semi-condensed:400,500,600
bebas-neue:400 big-shoulders-display:500,600,700 chakra-petch:500,600
fira-sans-extra-condensed:400,500,600 fjalla-one:400
jetbrains-mono:500,700 league-gothic:400 oswald:400,500,600
overpass:600,700 overpass-mono:500,600,700 pathway-gothic-one:400
pragati-narrow:400,700 rajdhani:500,600,700 roboto-condensed:400,500,600,700
russo-one:400 saira-condensed:400,500,600 saira-extra-condensed:500,600
share-tech:400 share-tech-mono:400 sofia-sans-condensed:500,600,700
sofia-sans-extra-condensed:600,700 space-mono:700 teko:400,500,600
lobster:400 pacifico:400 playfair-display:600,700"
# Lettering for the names of states, in a folder of its own: only training of
# the jurisdiction network draws from it.
legends="
abril-fatface:400 alfa-slab-one:400 arvo:400,700 bitter:500,700
bree-serif:400 cinzel:600,800 cookie:400 courgette:400 damion:400
dancing-script:500,700 eb-garamond:500,700 great-vibes:400
kaushan-script:400 lato:700,900 libre-baskerville:400,700 lora:500,700
merriweather:400,700,900 montserrat:600,800 norican:400 nunito:700,900
oleo-script:400,700 pinyon-script:400 playball:400 poppins:500,700
rokkitt:500,700 sacramento:400 zilla-slab:500,700"
version=5.3.0
fonts="$home/fonts"
convert() {     # PACKAGES TARGET: the woff2 files of npm as TrueType files
    local names=()
    mkdir -p "$2" "$home/npm"
    for entry in $1; do names+=("@fontsource/${entry%%:*}@$version"); done
    npm install --silent --no-audit --no-fund --no-save --prefix "$home/npm" "${names[@]}"
    FONTSOURCE="$1" "$home/venv/bin/python" - "$home/npm/node_modules/@fontsource" "$2" <<'PY'
import os, pathlib, sys
from fontTools.ttLib import TTFont

source, target = map(pathlib.Path, sys.argv[1:3])
for entry in os.environ["FONTSOURCE"].split():
    name, weights = entry.split(":")
    for weight in weights.split(","):
        woff = source / name / "files" / f"{name}-latin-{weight}-normal.woff2"
        font = TTFont(woff)
        font.flavor = None
        font.save(target / f"{name}-{weight}.ttf")
PY
}
if [ ! -e "$fonts/complete" ]; then
    convert "$fontsource" "$fonts"

    # --- fonts from Debian: OFL-1.1 as well; unpacked, not installed ----------
    mkdir -p "$home/deb"
    (cd "$home/deb" && apt-get download fonts-opendin fonts-national-park)
    for package in "$home"/deb/*.deb; do dpkg-deb -x "$package" "$home/deb/root"; done
    find "$home/deb/root" \( -name '*.ttf' -o -name '*.otf' \) -exec cp {} "$fonts/" \;
    touch "$fonts/complete"
fi
if [ ! -e "$fonts/legends/complete" ]; then
    convert "$legends" "$fonts/legends"
    touch "$fonts/legends/complete"
fi
echo "ready: $home ($(find "$fonts" -name '*.[to]tf' | wc -l) fonts)"
