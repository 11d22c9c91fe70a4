"""First names by culture and gender, the commonest first, and the short forms that people write instead."""

from __future__ import annotations

from functools import cache

from benchmarks.people.draw import Pools, pools

CULTURES = ("english", "german", "iberian", "indian", "chinese", "vietnamese")
SHARES = (0.60, 0.10, 0.11, 0.08, 0.06, 0.05)

_WOMEN = (
    """Sarah Jessica Emma Olivia Charlotte Emily Amelia Jennifer Michelle Rebecca Karen Susan Margaret Elizabeth Kate
    Laura Amy Rachel Hannah Grace Sophie Chloe Lucy Ella Isabella Mia Ava Ruby Lily Zoe Georgia Megan Lauren Stephanie
    Nicole Samantha Natalie Melissa Amanda Danielle Kimberly Ashley Brittany Madison Abigail Victoria Alexandra
    Catherine Katherine Christine Patricia Linda Barbara Helen Julie Anne Deborah Sharon Donna Carol Sandra Lisa Nancy
    Betty Dorothy Ruth Jean Joan Alice Heather Tracey Wendy Jane Claire Fiona Joanne Kylie Tara Erin Holly Molly Paige
    Phoebe Imogen Matilda Harriet Eleanor Penelope Evelyn Violet Hazel Ivy Poppy Daisy Freya Isla Willow Sienna Aria
    Bridget Maeve Bronwyn Rhiannon Gwendolyn Philippa Rosalind Beatrice Cordelia Winifred Marjorie Constance Audrey""",
    """Anna Julia Lena Sabine Claudia Katharina Monika Petra Susanne Lea Hannah Jana Franziska Johanna Martina Birgit
    Ursula Renate Heike Greta Frieda Mathilda Käthe Jördis Bärbel Gisela Ingrid Elke Silke Annette Lieselotte
    Friederike Antje Maike Wiebke Theresa""",
    """Maria Ana Juliana Fernanda Camila Luciana Beatriz Carolina Patrícia Gabriela Adriana Letícia Mariana Isabel
    Carmen Lucía Sofía Valentina Rocío Inés Concepción Mónica Verónica Antônia Conceição Joana Raquel Teresa Pilar
    Dolores Marisol Ximena Paloma Yolanda Graça Débora Estefanía""",
    """Priya Pooja Anjali Neha Divya Kavita Sunita Deepa Lakshmi Meera Shreya Aishwarya Ananya Radha Sneha Swati Rekha
    Nisha Gita Asha Jyoti Usha Padma Harpreet Gurpreet Simran Isha Tanvi Vidya Revathi""",
    """Li Mei Xin Jing Yan Ying Fang Na Hui Xiu Lan Hong Min Juan Qian Yue Wen Ling Ting Xue Jia Yu Shu Zhen Hua Dan
    Rui Cai Yun Lijuan Xiaoling Meihua""",
    """Linh Huong Lan Mai Thao Trang Hoa Ngoc Phuong Thuy Nga Hanh Kim Yen Anh Nhung Hien Tuyet Dung Loan Bich Diem
    Quynh Vy""",
)
_MEN = (
    """James Michael David John Robert William Thomas Matthew Daniel Andrew Christopher Joshua Jack Oliver Noah Peter
    Benjamin Samuel Mark Paul Stephen Steven Anthony Richard Joseph Charles Edward George Harry Henry Luke Adam Ryan
    Nathan Liam Ethan Lucas Mason Jacob Alexander Nicholas Jonathan Timothy Simon Gregory Kenneth Brian Kevin Jason
    Jeffrey Scott Eric Patrick Sean Gary Ronald Donald Douglas Raymond Dennis Jerry Walter Arthur Albert Frank Philip
    Ian Alan Graham Keith Neil Craig Dean Shane Brett Darren Wayne Glenn Troy Bradley Cameron Lachlan Angus Hamish
    Callum Connor Declan Finn Oscar Leo Archie Alfie Theodore Frederick Leonard Lawrence Vincent Gabriel Dominic
    Sebastian Xavier Zachary Tyler Brandon Justin Aaron Rhys Gareth Alistair Rupert Barnaby Clarence Reginald""",
    """Thomas Michael Andreas Stefan Peter Wolfgang Klaus Jürgen Uwe Markus Christian Lukas Jonas Felix Maximilian Paul
    Leon Tobias Florian Matthias Jörg Günter Götz Björn Sören Hans Heinrich Friedrich Karl Dieter Rainer Bernd Helmut
    Ulrich Detlef Eberhard""",
    """José João Carlos Antonio Luis Juan Francisco Pedro Paulo Miguel Manuel Javier Rafael Fernando Diego Marcos Lucas
    Gabriel Thiago Rodrigo Ricardo Sérgio André Álvaro Ángel Jesús Ramón Andrés Joaquín Óscar Iván Rubén Héctor César
    Vinícius Estêvão Gonçalo Tomás""",
    """Rahul Amit Raj Sanjay Vijay Arjun Ravi Suresh Ramesh Anil Sunil Deepak Rajesh Vikram Rohit Karthik Manoj Ashok
    Harish Nikhil Aditya Varun Gaurav Harpreet Gurpreet Jaspreet Mohammed Imran Venkatesh Srinivas Subramaniam""",
    """Wei Jun Ming Lei Qiang Yong Jian Hao Chao Peng Bin Feng Gang Bo Tao Kai Yi Xiang Long Cheng Zhiwei Jianguo Yifan
    Haoran Zhen Hua Rui Yu Wen Dong""",
    """Minh Tuan Hung Duc Huy Long Nam Quang Thanh Hai Dung Khoa Son Trung Phuc Tien Bao An Khanh Hieu Viet Loc Kiet
    Vinh""",
)

_SHORT = """
Sarah Sally|Jessica Jess Jessie|Olivia Liv|Charlotte Charlie Lottie|Emily Em|Amelia Millie|Jennifer Jen Jenny
Michelle Shelly|Rebecca Bec Becky|Susan Sue Susie|Margaret Maggie Meg Peggy|Elizabeth Liz Beth Lizzie|Kate Katie
Rachel Rach|Sophie Soph|Isabella Bella Izzy|Georgia George|Megan Meg|Stephanie Steph|Nicole Nic Nicky
Samantha Sam|Natalie Nat|Melissa Mel|Amanda Mandy|Danielle Dani|Kimberly Kim|Madison Maddie|Abigail Abby
Victoria Vicky Tori|Alexandra Alex Sandra|Catherine Cathy Cath Kate|Katherine Kate Kathy Kat|Christine Chris Tina
Patricia Pat Trish|Barbara Barb|Deborah Deb Debbie|Matilda Tilly|Harriet Hattie|Eleanor Ellie Nell|Penelope Penny
Evelyn Evie|Philippa Pip|Gwendolyn Gwen|Winifred Freddie Win|Marjorie Marj|Constance Connie|Rosalind Ros
James Jim Jimmy Jamie|Michael Mike Mick|David Dave|John Jack Johnny|Robert Rob Bob Bobby|William Will Bill Billy
Thomas Tom Tommy|Matthew Matt|Daniel Dan Danny|Andrew Andy Drew|Christopher Chris|Joshua Josh|Oliver Ollie
Peter Pete|Benjamin Ben|Samuel Sam|Stephen Steve|Steven Steve|Anthony Tony|Richard Rick Dick|Joseph Joe Joey
Charles Charlie Chuck|Edward Ed Eddie Ted|Henry Harry Hank|Nathan Nate|Jacob Jake|Alexander Alex Sandy Xander
Nicholas Nick|Jonathan Jon|Timothy Tim|Gregory Greg|Kenneth Ken Kenny|Kevin Kev|Jeffrey Jeff|Patrick Pat Paddy
Ronald Ron|Donald Don|Douglas Doug|Raymond Ray|Dennis Den|Gary Gaz|Walter Wal|Albert Al Bert|Philip Phil
Graham Gray|Bradley Brad|Cameron Cam|Lachlan Lachie|Theodore Ted Theo|Frederick Fred Freddie|Leonard Len
Lawrence Larry|Vincent Vince|Gabriel Gabe|Dominic Dom|Sebastian Seb|Zachary Zac Zach|Alistair Al|Reginald Reg
Katharina Kathi|Susanne Susi|Johanna Hanna|Franziska Franzi|Maximilian Max|Matthias Matze|Wolfgang Wolf|Ulrich Uli
Juliana Ju|Fernanda Nanda|Concepción Concha|Dolores Lola|Isabel Isa|Gabriela Gabi|Francisco Paco Chico|José Pepe Zé
Antonio Toni|Rafael Rafa|Manuel Manolo|Subramaniam Subbu|Venkatesh Venky|Mohammed Mo|Harpreet Harry|Jaspreet Jas
"""


@cache
def given_names() -> Pools:
    """The pools in the order of `CULTURES`, women before men in each: pool = 2 * culture + (0 woman, 1 man)."""
    lists = [one.split() for pair in zip(_WOMEN, _MEN, strict=True) for one in pair]
    return pools(lists, exponent=0.75, shift=6)


@cache
def short_forms() -> dict[str, tuple[str, ...]]:
    lines = _SHORT.replace("\n", "|").split("|")
    return {name: tuple(short) for name, *short in (line.split() for line in lines if line)}
