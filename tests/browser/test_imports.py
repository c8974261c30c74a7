"""A file is dropped on the page, its columns are said, tried without writing, and taken for real."""

import base64

from playwright.sync_api import Page, expect

ROWS = "Связь,метки,Город\n+79001003040,vip,Омск\nнекто,,\n"
DROP = """([name, content]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(atob(content), (c) => c.charCodeAt(0))], name, {type: "text/csv"}));
  for (const kind of ["dragover", "drop"])
    document.body.dispatchEvent(new DragEvent(kind, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def figure(page: Page, label: str):
    return page.locator("#import .desk-figure", has_text=label).locator("strong")


def test_a_dropped_file_is_tried_and_then_taken_for_real(open_page):
    page = open_page("ru")
    page.goto("/admin/soroka/clientimport/add/")
    page.evaluate(DROP, ["clients.csv", base64.b64encode(ROWS.encode()).decode()])
    expect(page.get_by_role("heading", name="Что в столбцах")).to_be_visible()
    page.get_by_label("Что в столбце Связь").select_option("phone")
    expect(page.get_by_label("Что в столбце метки")).to_have_value("tags")
    expect(page.get_by_label("Название свойства из столбца Город")).to_have_value("Город")
    expect(page.locator("#id_attribute_1")).to_be_hidden()
    page.get_by_role("button", name="Пробный прогон").click()
    expect(page.locator(".desk-headline")).to_contain_text("завершён", ignore_case=True)
    expect(figure(page, "Добавлено")).to_have_text("1")
    page.get_by_role("button", name="Теперь по-настоящему").click()
    expect(page.locator(".desk-headline")).not_to_contain_text("пробный прогон", ignore_case=True)
    expect(page.locator(".desk-headline")).to_contain_text("завершён", ignore_case=True)
    expect(figure(page, "Добавлено")).to_have_text("1")
    expect(page.get_by_text("В номере телефона есть буквы")).to_be_visible()
    page.goto("/admin/soroka/client/?q=79001003040")
    expect(page.locator("#result_list")).to_contain_text("79001003040")
