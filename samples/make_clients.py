"""Writes the sample clients, always the same ones: ``python samples/make_clients.py OUT``.

Nobody's real data: the operators' codes and the shares of the time zones are real, the rest is drawn from a fixed seed.
"""

import argparse
import csv
import random
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CLIENTS = 10_000
SEED = 2026
HEADER = ["phone", "operator_code", "tags", "timezone", "name", "city"]


class Region(NamedTuple):
    """weight: millions of people.  codes: operators' codes in use there.  cities: the largest first."""

    zone: str
    weight: float
    codes: str
    cities: str


REGIONS = [
    Region("Europe/Kaliningrad", 1.0, "906 909 911 921 931 952 963 981", "Калининград, Советск, Черняховск, Балтийск"),
    Region(
        "Europe/Moscow",
        22.0,
        "903 905 906 909 910 915 916 917 919 925 926 929 958 963 964 965 966 967 968 977 985 999",
        "Москва, Балашиха, Подольск, Химки, Мытищи, Королёв, Люберцы",
    ),
    Region(
        "Europe/Moscow",
        7.5,
        "900 904 905 906 911 921 931 950 951 952 953 960 964 965 981 996",
        "Санкт-Петербург, Гатчина, Выборг, Всеволожск",
    ),
    Region(
        "Europe/Moscow",
        20.0,
        "900 903 904 905 906 910 915 919 920 930 951 953 960 961 980",
        "Воронеж, Ярославль, Рязань, Тула, Липецк, Курск, Тверь, Иваново, Брянск, Белгород",
    ),
    Region(
        "Europe/Moscow",
        5.5,
        "902 909 911 921 931 950 952 953 960 981",
        "Архангельск, Вологда, Мурманск, Череповец, Петрозаводск, Псков, Великий Новгород",
    ),
    Region(
        "Europe/Moscow",
        21.0,
        "900 903 905 906 908 909 918 928 929 938 951 952 961 962 964 988 989",
        "Ростов-на-Дону, Краснодар, Ставрополь, Сочи, Махачкала, Владикавказ, Новороссийск, Таганрог",
    ),
    Region(
        "Europe/Moscow",
        14.0,
        "902 903 904 905 906 908 909 910 917 920 927 930 937 950 951 952 953 960 987",
        "Казань, Нижний Новгород, Набережные Челны, Пенза, Чебоксары, Саранск, Йошкар-Ола",
    ),
    Region(
        "Europe/Samara",
        5.0,
        "902 903 905 906 909 912 917 919 922 927 937 939 950 951 960 982 987",
        "Самара, Ижевск, Тольятти, Сызрань, Воткинск",
    ),
    Region(
        "Asia/Yekaterinburg",
        22.0,
        "900 902 903 904 905 906 908 909 912 917 919 922 932 937 950 951 952 953 961 963 965 982 987",
        "Екатеринбург, Челябинск, Уфа, Пермь, Тюмень, Оренбург, Магнитогорск, Сургут, Курган",
    ),
    Region("Asia/Omsk", 1.9, "900 904 908 913 923 933 950 951 953 960 962 983", "Омск, Тара, Исилькуль, Калачинск"),
    Region(
        "Asia/Krasnoyarsk",
        8.0,
        "902 904 905 908 913 923 929 933 950 953 960 963 965 983",
        "Красноярск, Норильск, Абакан, Ачинск, Канск, Кызыл, Минусинск",
    ),
    Region(
        "Asia/Irkutsk",
        3.3,
        "902 904 908 914 924 950 951 952 964 983 984",
        "Иркутск, Улан-Удэ, Ангарск, Братск, Усть-Илимск",
    ),
    Region("Asia/Yakutsk", 2.0, "909 914 924 962 964 968 984 996", "Якутск, Благовещенск, Белогорск, Нерюнгри"),
    Region(
        "Asia/Vladivostok",
        3.2,
        "902 904 908 909 914 924 950 951 953 962 964 984 994",
        "Владивосток, Хабаровск, Комсомольск-на-Амуре, Уссурийск, Находка, Биробиджан",
    ),
    Region("Asia/Magadan", 0.5, "900 914 924 951 964", "Магадан, Ола, Сусуман"),
    Region("Asia/Kamchatka", 0.4, "900 909 914 924 961 962 984", "Петропавловск-Камчатский, Елизово, Вилючинск"),
]

WOMEN = (
    "Анастасия, Мария, Анна, Екатерина, Елена, Ольга, Наталья, Татьяна, Ирина, Светлана, Юлия, Дарья, Виктория, "
    "Ксения, Полина, Алина, Марина, Людмила, Галина, Евгения, Валентина, Надежда, Софья, Алёна, Лариса, Вера, "
    "Кристина, Гульнара, Айгуль, Динара"
)
MEN = (
    "Александр, Дмитрий, Сергей, Андрей, Алексей, Максим, Евгений, Иван, Михаил, Артём, Владимир, Николай, Павел, "
    "Роман, Игорь, Олег, Денис, Антон, Никита, Илья, Константин, Юрий, Виктор, Кирилл, Егор, Вадим, Станислав, "
    "Руслан, Тимур, Марат"
)
#: A man's; a woman's has an "а" more.
SURNAMES = (
    "Иванов, Смирнов, Кузнецов, Попов, Васильев, Петров, Соколов, Михайлов, Новиков, Фёдоров, Морозов, Волков, "
    "Алексеев, Лебедев, Семёнов, Егоров, Павлов, Козлов, Степанов, Николаев, Орлов, Андреев, Макаров, Никитин, "
    "Захаров, Зайцев, Соловьёв, Борисов, Яковлев, Григорьев, Романов, Воробьёв, Сергеев, Кузьмин, Фролов, "
    "Александров, Дмитриев, Королёв, Гусев, Киселёв, Ильин, Максимов, Поляков, Сорокин, Виноградов, Ковалёв, Белов, "
    "Медведев, Антонов, Тарасов, Жуков, Баранов, Филиппов, Комаров, Давыдов, Беляев, Герасимов, Богданов, Осипов, "
    "Сидоров, Матвеев, Титов, Марков, Миронов, Крылов, Куликов, Карпов, Власов, Мельников, Денисов, Гаврилов, "
    "Тихонов, Казаков, Афанасьев, Данилов, Савельев, Тимофеев, Фомин, Чернов, Абрамов, Мартынов, Ефимов, Федотов, "
    "Щербаков, Назаров, Калинин, Исаев, Чернышёв, Быков, Маслов, Родионов, Коновалов, Лазарев, Воронин, Климов, "
    "Хасанов, Сафин, Галиев, Ахметов, Каримов"
)

#: Where a client stands, one of these; what they take part in, each with this probability.
STAGES = {"new": 15, "active": 32, "loyal": 28, "sleeping": 20, "": 5}
GROUPS = {"app": 0.35, "newsletter": 0.25, "spring-sale": 0.22, "birthday-club": 0.12, "partner": 0.06}
VIP_AMONG_LOYAL = 0.18

#: How a number may be written, its digits marked by X, and how often.
WRITINGS = {
    "7XXXXXXXXXX": 84,
    "+7XXXXXXXXXX": 5,
    "8XXXXXXXXXX": 4,
    "+7 XXX XXX-XX-XX": 3,
    "8 (XXX) XXX-XX-XX": 3,
    "XXXXXXXXXX": 1,
}


class Draw(random.Random):
    """A seeded source of everything that is drawn."""

    def one_of(self, weights: dict[str, int]) -> str:
        return self.choices(list(weights), list(weights.values()))[0]

    def earlier_rather(self, listed: str) -> str:
        """One of what is listed with commas; the first is the likeliest, as the largest city and commonest name are."""
        items = listed.split(", ")
        return items[int(len(items) * self.random() ** 1.6)]

    def name(self) -> str:
        if self.random() < 0.56:  # noqa: PLR2004
            return f"{self.earlier_rather(WOMEN)} {self.earlier_rather(SURNAMES)}а"
        return f"{self.earlier_rather(MEN)} {self.earlier_rather(SURNAMES)}"

    def tags(self) -> str:
        stage = self.one_of(STAGES)
        vip = ["vip"] if stage == "loyal" and self.random() < VIP_AMONG_LOYAL else []
        groups = [group for group, share in GROUPS.items() if self.random() < share]
        return ";".join([*filter(None, [stage]), *vip, *groups])

    def writing(self, national: str) -> str:
        digits = iter(national)
        return "".join(next(digits) if sign == "X" else sign for sign in self.one_of(WRITINGS))


def clients() -> Iterator[list[str]]:
    """Rows under ``HEADER``, no number twice."""
    draw = Draw(SEED)
    weights = [region.weight for region in REGIONS]
    taken: set[str] = set()
    while len(taken) < CLIENTS:
        region = draw.choices(REGIONS, weights)[0]
        code = draw.choice(region.codes.split())
        national = f"{code}{draw.randrange(2_000_000, 10_000_000)}"
        if national not in taken:
            taken.add(national)
            city = draw.earlier_rather(region.cities)
            yield [draw.writing(national), code, draw.tags(), region.zone, draw.name(), city]


def write(target: Path) -> None:
    """All rows as CSV in UTF-8. The file appears whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    with part.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(HEADER)
        writer.writerows(clients())
    part.replace(target)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write the sample clients as CSV.")
    parser.add_argument("out", type=Path, help="the file to write, for example samples/clients.csv")
    write(parser.parse_args().out)


if __name__ == "__main__":
    main()
