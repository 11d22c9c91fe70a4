"""Invented raw material of the estate: names, places, mail domains, goods. Tables only."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


WOMEN = _words(
    """
    Katherine Elizabeth Margaret Susan Rebecca Jessica Samantha Victoria Jennifer Christine Amelia Charlotte
    Olivia Matilda Isla Ruby Grace Harriet Evie Willow Georgia Freya Zoë Siobhán Niamh Bronwyn Kylie Narelle
    Leanne Tahlia Mei Xiu Linh Thuy Hoa Yuki Sakura Ji-woo Priya Anjali Deepika Lakshmi Fatima Aisha Zahra Leila
    Noor Maryam Sofia Chiara Francesca Eleni Despina Katerina Ana Lucía Camila Ingrid Astrid Agnieszka Milena Tala
    Losa Sefina Marama Aroha Kirra Jedda Alinta Yindi Thandi Amara Ngozi Adaeze Hana Miriam Rivka
    """
)

MEN = _words(
    """
    William Robert Michael Christopher Nicholas Benjamin Thomas Joseph Anthony Alexander Oliver Jack Noah Henry
    Lachlan Angus Hamish Callum Declan Cillian Bruce Darren Shane Craig Brayden Jarrah Koa Wei Jun Minh Duc Tuan
    Hiroshi Kenji Min-jun Arjun Rohan Vikram Sanjay Omar Yusuf Hassan Karim Ali Matteo Luca Giorgio Dimitri
    Stavros Kostas José Diego Mateus Lars Bjørn Paweł Łukasz Goran Zoran Sione Tevita Manu Wiremu Tane Kwame Chidi
    Emeka Tunde David Samuel Eitan Patrick Gavin
    """
)

SURNAMES = _words(
    """
    Smith Jones Williams Brown Wilson Taylor Johnson White Martin Anderson Thompson Walker Harris Lee Ryan
    Robinson Kelly King Campbell Mitchell O'Brien O'Connor McDonald MacKenzie Fitzgerald Gallagher Nguyen Tran
    Pham Le Vo Chen Wang Li Zhang Huang Liu Tanaka Sato Kim Park Choi Singh Kaur Patel Sharma Gupta Reddy Fernando
    Perera Khan Ahmed Hussain Haddad Khoury Nasser Rahimi Hosseini Rossi Russo Esposito Bianchi Papadopoulos
    Georgiou Nikolaidis Silva Santos García Fernández Müller Schneider Jensen Lindqvist Kowalski Nowak Novák
    Petrović Jovanović Horvat Taufa Latu Tuilagi Fonoti Ngata Parata Yunupingu Gulpilil Okafor Adeyemi Mensah
    Dlamini Abebe Tesfaye Cohen Levy Katz Whitlock Pemberton Ashdown Thistlewood Merriweather Hollingworth
    Bracegirdle Wetherby
    """
)

NICKNAMES = {
    "Katherine": "Kate",
    "Elizabeth": "Liz",
    "Margaret": "Maggie",
    "Susan": "Sue",
    "Rebecca": "Bec",
    "Jessica": "Jess",
    "Samantha": "Sam",
    "Victoria": "Vicki",
    "Jennifer": "Jenny",
    "Christine": "Chris",
    "William": "Bill",
    "Robert": "Bob",
    "Michael": "Mick",
    "Christopher": "Chris",
    "Nicholas": "Nick",
    "Benjamin": "Ben",
    "Thomas": "Tom",
    "Joseph": "Joe",
    "Anthony": "Tony",
    "Alexander": "Alex",
}

STREETS = _words(
    """
    Wattle Banksia Acacia Jacaranda Bottlebrush Kurrajong Magpie Kookaburra Rosella Lorikeet Harbour Station Mill
    Church Victoria George Albert Elizabeth King Queen High Bridge River Lake Hill Park Garden Ocean Beach Quarry
    Orchard Vineyard Railway Chapel Market Windsor Clarence Macquarie Phillip Hunter
    """
)

STREET_KINDS = {"Street": "St", "Road": "Rd", "Avenue": "Ave", "Parade": "Pde", "Court": "Ct", "Lane": "Ln"}

SUBURBS = (
    ("Newtown", "NSW", "2042"),
    ("Marrickville", "NSW", "2204"),
    ("Parramatta", "NSW", "2150"),
    ("Cabramatta", "NSW", "2166"),
    ("Manly", "NSW", "2095"),
    ("Wollongong", "NSW", "2500"),
    ("Brunswick", "VIC", "3056"),
    ("Footscray", "VIC", "3011"),
    ("St Kilda", "VIC", "3182"),
    ("Dandenong", "VIC", "3175"),
    ("Geelong", "VIC", "3220"),
    ("Ballarat Central", "VIC", "3350"),
    ("West End", "QLD", "4101"),
    ("Sunnybank", "QLD", "4109"),
    ("Southport", "QLD", "4215"),
    ("Cairns City", "QLD", "4870"),
    ("Toowoomba City", "QLD", "4350"),
    ("Fremantle", "WA", "6160"),
    ("Subiaco", "WA", "6008"),
    ("Joondalup", "WA", "6027"),
    ("Glenelg", "SA", "5045"),
    ("Norwood", "SA", "5067"),
    ("Mount Barker", "SA", "5251"),
    ("Battery Point", "TAS", "7004"),
    ("Launceston", "TAS", "7250"),
    ("Braddon", "ACT", "2612"),
    ("Belconnen", "ACT", "2617"),
    ("Fannie Bay", "NT", "0820"),
    ("Alice Springs", "NT", "0870"),
)

MAIL_DOMAINS = ("mail.example.com", "post.example.net", "inbox.example.org", "home.example.com", "fastpost.example.net")
WORK_DOMAINS = ("harbourworks.example.org", "wattlepay.example.com", "coastfreight.example.net", "uni.example.org")

GOODS = (
    ("HH-001", "Linen apron", 4900),
    ("HH-002", "Enamel teapot", 6450),
    ("HH-003", "Beeswax candles, set of 4", 2800),
    ("HH-004", "Tea towel, banksia", 1950),
    ("HH-005", "Cast-iron pan, 26 cm", 11900),
    ("HH-006", "Seed box, kitchen herbs", 3400),
    ("HH-007", "Wool blanket", 18900),
    ("HH-008", "Bread tin", 3250),
    ("HH-009", "Garden twine", 895),
    ("HH-010", "Picnic basket", 14500),
)
"""SKU, title, price in cents."""

QUESTIONS = (
    ("Where is my parcel?", "It was to come on Tuesday and has not."),
    ("Wrong size", "The apron is too long, may I send it back?"),
    ("A chipped teapot", "The spout was chipped when I opened the box."),
    ("Invoice, please", "Our accounts department needs one with the ABN on it."),
    ("Is the bread tin coming back?", "It has been sold out since spring."),
    ("Thank you", "The blanket is lovely. That was all."),
)
"""What people ask the help desk: subject and text."""

NOTICE = "Your parcel from the shop is on its way."
REPLIES = ("Thanks!", "ok", "Please leave it at the side door", "Which day?")

TAGS = {31021: "VIP", 31022: "Gardeners", 31023: "Bakers", 31024: "Wholesale"}
"""The newsletter's static segments, which are its tags, by id."""
