"""family 'tiny' of distribution 'defective' is refused: its titles do not read: titles_without_a_column.csv, line 1: the columns
must be code,kind,label,national_level,first_session,last_session,supplementary_session,successor_code,opened_on,closed_on,source
"""

from dataclasses import replace

from tests.defective.sound import HERE
from tests.defective.sound import family as sound

family = replace(sound, titles=HERE / "titles_without_a_column.csv")
