// Attachments, images and files in; what a person sees and can enlarge out.

import { bytes, h, link, ownMedia, webUrl } from "./dom.js";

// A picture of the playground's own CDN; a picture from elsewhere is named and linked, never loaded.
export function picture(page, url, description, spoiler, size = {}) {
  const source = ownMedia(url);
  if (!source) return h("span.outside", {}, link(url, description || page.t("outside_image")));
  const label = description || decodeURIComponent(source.split("?")[0].split("/").pop());
  const image = h("img", { src: source, alt: label, width: size.width, height: size.height, decoding: "async" });
  const open = h("button.picture", { type: "button", "aria-label": `${page.t("enlarge")}: ${label}`, on: { click: () => enlarge(page, source, label) } }, image);
  return spoiler ? covered(page, open) : open;
}

export function thumbnail(page, component) {
  return h("div.thumbnail", {}, picture(page, component.media?.url, component.description, component.spoiler));
}

export function gallery(page, component) {
  const items = (component.items ?? []).map((item) => picture(page, item.media?.url, item.description, item.spoiler, item.media));
  return h(`div.gallery.of-${Math.min(items.length, 4)}`, {}, items);
}

export function file(page, url, name, size) {
  const source = ownMedia(url);
  const label = name || decodeURIComponent((webUrl(url)?.pathname ?? "").split("/").pop());
  const body = [
    h("span.file-icon", { "aria-hidden": "true" }, "📄"),
    h("span.file-name", {}, label),
    h("span.file-size", {}, bytes(size)),
  ];
  if (!source) return h("div.file", {}, body);
  return h("a.file", { href: source, download: label, "aria-label": `${page.t("download")} ${label}` }, body);
}

export function attachment(page, one) {
  const spoiler = one.filename.startsWith("SPOILER_");
  const isImage = one.content_type?.startsWith("image/") ?? /\.(png|jpe?g|gif|webp)$/i.test(one.filename);
  return isImage ? picture(page, one.url, one.description || one.filename, spoiler, one) : file(page, one.url, one.filename, one.size);
}

export function covered(page, element) {
  const cover = h("button.cover", { type: "button" }, page.t("spoiler"));
  const block = h("div.covered", {}, element, cover);
  cover.addEventListener("click", () => block.classList.add("shown"));
  return block;
}

function enlarge(page, source, label) {
  const dialog = h("dialog.lightbox", { "aria-label": label },
    h("img", { src: source, alt: label }),
    h("div.lightbox-line", {}, h("span", {}, label), h("button.quiet", { type: "button" }, page.t("close"))));
  dialog.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
